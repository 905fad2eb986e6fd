import type { CheckpointModel } from '../plan/models.js';
import { columnTable, wrap } from './layout.js';
import { COLUMNS, costs, count, WIDTH } from './models.js';

const NOTES =
  "Every tensor is there, in the shape that config.json asks for. Parameters are counted by the weights' shapes; active is " +
  "what one token uses of them, without embeddings. Tokens: patches of a picture, the longest text, the decoder's " +
  "sequence. FLOPs: products alone, two for each multiplication; a vision tower's for a picture, a text tower's for the " +
  "longest text, a decoder's for one token of its sequence. Memory in 32-bit floats: weights; and in training also " +
  'gradients and the two moments of AdamW, without activations.';

/** What a checkpoint's folder holds, as a table in the style of the named models'. */
export function renderCheckpoint(model: CheckpointModel, heading: (text: string) => string): string {
  const rows = model.parts.map((part) => [
    part.name,
    ...(part.stack ? [part.stack.width, part.stack.layers, part.stack.heads].map(String) : ['', '', '']),
    count(part.parameters),
    ...[part.nonEmbeddingParameters, part.activeParameters].map((each) => (each === undefined ? '' : count(each))),
    part.tokens === null ? '' : String(part.tokens),
    ...costs(part.flops, part.memory),
  ]);
  const sizes = Object.entries(model.sizes).map(([name, value]) => `${name} ${value}`);
  const title = `${model.architecture}: ${count(model.parameters)} parameters`;
  const notes = [sizes.join(', '), NOTES].map((text) => wrap(text, WIDTH).join('\n'));
  return `${heading(title)}\n${columnTable(COLUMNS, rows)}\n\n${notes.join('\n\n')}\n`;
}
