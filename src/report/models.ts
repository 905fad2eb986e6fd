import type { Memory } from '../model/costs/memory.js';
import { type Flops, total } from '../model/costs/products.js';
import type { ScaleModels } from '../plan/models.js';
import { type Column, columnTable, wrap } from './layout.js';

export const COLUMNS: readonly Column[] = [
  { title: 'model' },
  { title: 'width', align: 'right' },
  { title: 'layers', align: 'right' },
  { title: 'heads', align: 'right' },
  { title: 'para-\nmeters', align: 'right' },
  { title: 'non-em-\nbedding', align: 'right' },
  { title: 'active', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'forward\nFLOPs', align: 'right' },
  { title: 'weights', align: 'right' },
  { title: 'training', align: 'right' },
];

export const WIDTH = 99;

const NOTES =
  "Parameters are counted by the weights' shapes. Active is what one token uses of them, without embeddings: of a " +
  "layer's experts two. Tokens: patches of an encoder, visual tokens of a connector, the sequence of a decoder. FLOPs: " +
  "products alone, two for each multiplication; an encoder's and a connector's for a picture, a decoder's for " +
  'one token of its sequence. Memory in 32-bit floats: weights; and in training also gradients and the two moments of ' +
  'AdamW, without activations.';

/** The models of each scale as a table of at most 99 columns, and what its numbers mean. */
export function renderModels(models: readonly ScaleModels[], heading: (text: string) => string): string {
  const tables = models.map((each) => scaleTable(each, heading));
  const vocabulary = models[0]!.vocabulary.toLocaleString('en');
  const notes = `${NOTES} Embeddings are those of the built-in tokenizer: ${vocabulary} entries.`;
  return `${[...tables, wrap(notes, WIDTH).join('\n')].join('\n\n')}\n`;
}

function scaleTable(models: ScaleModels, heading: (text: string) => string): string {
  const { scale, resolution, encoder, sequence, encoders, connectors, decoders } = models;
  const section = (title: string) => [title, ...COLUMNS.slice(1).map(() => '')];
  const rows = [
    section('encoders'),
    ...encoders.map(({ name, width, layers, heads, parameters, patches, flopsPerPicture, memory }) => [
      `  ${name}`,
      ...[width, layers, heads].map(String),
      count(parameters),
      '',
      '',
      String(patches),
      ...costs(flopsPerPicture, memory),
    ]),
    section('connectors'),
    ...connectors.map(({ name, parameters, tokens: made, flopsPerPicture, memory }) => [
      `  ${name}`,
      '',
      '',
      '',
      count(parameters),
      '',
      '',
      String(made),
      ...costs(flopsPerPicture, memory),
    ]),
    section('decoders'),
    ...decoders.map((decoder) => [
      `  ${decoder.name}`,
      ...[decoder.width, decoder.layers, decoder.heads].map(String),
      ...[decoder.parameters, decoder.nonEmbeddingParameters, decoder.activeParameters].map(count),
      String(sequence),
      ...costs(decoder.flopsPerToken, decoder.memory),
    ]),
  ];
  const title = `${scale}: pictures of ${resolution} px, connectors behind ${encoder}, sequences of ${sequence} tokens`;
  return `${heading(title)}\n${columnTable(COLUMNS, rows)}`;
}

/** Forward operations, and memory as weights and in training. */
export function costs(flops: Flops, { weights, training }: Memory): string[] {
  return [
    inUnits(total(flops), ['', 'K', 'M', 'G', 'T', 'P']),
    ...[weights, training].map((bytes) => inUnits(bytes, ['B', 'KB', 'MB', 'GB', 'TB'])),
  ];
}

/** A number of parameters in at most three figures. */
export function count(value: number): string {
  return inUnits(value, ['', 'K', 'M', 'B']);
}

/** Three figures and the unit that keeps them below a thousand: 304M, 1.24 GB. */
function inUnits(value: number, units: readonly string[]): string {
  // 999.5 of a unit would be rounded to 1000 of it.
  const step = units.findIndex((_, index) => value < 999.5 * 1000 ** index || index === units.length - 1);
  const scaled = value / 1000 ** step;
  const unit = units[step]!;
  return `${Number(scaled.toPrecision(3))}${unit.length > 1 ? ' ' : ''}${unit}`;
}
