import * as tf from '@tensorflow/tfjs-core';
import type { Piece } from '../data/packing.js';
import type { Pictures } from '../data/pictures.js';
import type { Tokenizer } from '../data/tokenizer/index.js';
import { LANGUAGE_MODEL_PREFIX, part, visualTokens } from '../model/multimodal.js';
import type { MultimodalConfig } from '../model/multimodal-config.js';
import type { Parameters } from '../model/parameters.js';
import { greedy } from './decoding.js';
import type { Item, Task } from './tasks/index.js';

/** A trained model and what it reads. */
export interface Subject {
  readonly parameters: Parameters;
  readonly config: MultimodalConfig;
  readonly tokenizer: Tokenizer;
  readonly pictures: Pictures;
}

/** How a task's answers end. */
type Ending = Pick<Task, 'limit' | 'stops'>;

/** Items at a time. */
const BATCH = 64;

/**
 * Asks every item with its picture, 0-shot, whole batches at once.
 * @param onDone told how many items were answered since it was last told
 * @returns each item's answer
 */
export async function ask(
  subject: Subject,
  ending: Ending,
  items: readonly Item[],
  onDone: (items: number) => Promise<void>,
): Promise<string[]> {
  const answers = new Array<string>(items.length).fill('');
  const prompts = items.map(({ prompt }) => subject.tokenizer.encode(prompt));
  // Prompts of one length together, so that little is padded.
  const order = items.map((_, place) => place).sort((a, b) => prompts[a]!.length - prompts[b]!.length);
  for (let start = 0; start < order.length; start += BATCH) {
    const batch = order.slice(start, start + BATCH);
    const shown = await subject.pictures.read(batch.map((place) => items[place]!.image.id));
    const pictures = tf.tensor3d(shown, [batch.length, ...subject.pictures.shape]);
    const visual = tf.tidy(() => visualTokens(subject.parameters, subject.config, pictures));
    const rows = batch.map((place, image): Piece[] => [{ image }, { tokens: prompts[place]!, counted: false }]);
    const outputs = answer(subject, ending, rows, visual);
    tf.dispose([pictures, visual]);
    batch.forEach((place, row) => {
      answers[place] = outputs[row]!;
    });
    await onDone(batch.length);
  }
  return answers;
}

/** The blind control: every item without its picture. Equal prompts then have equal answers, and are asked once. */
export function askBlind(subject: Subject, ending: Ending, items: readonly Item[]): string[] {
  const answers = new Map<string, string>();
  const prompts = [...new Set(items.map(({ prompt }) => prompt))];
  for (let start = 0; start < prompts.length; start += BATCH) {
    const batch = prompts.slice(start, start + BATCH);
    const rows = batch.map((prompt): Piece[] => [{ tokens: subject.tokenizer.encode(prompt), counted: false }]);
    answer(subject, ending, rows, null).forEach((output, row) => {
      answers.set(batch[row]!, output);
    });
  }
  return items.map(({ prompt }) => answers.get(prompt)!);
}

function answer(
  { parameters, config, tokenizer }: Subject,
  { limit, stops }: Ending,
  prompts: readonly Piece[][],
  visual: tf.Tensor3D | null,
): string[] {
  const endOf = (text: string) =>
    Math.min(...stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0), text.length);
  const outputs = greedy(part(parameters, LANGUAGE_MODEL_PREFIX), config.decoder, {
    prompts,
    visual,
    end: tokenizer.endOfText,
    stops(tokens) {
      const text = tokenizer.decode(tokens);
      return endOf(text) < text.length;
    },
    limit,
  });
  return outputs.map((tokens) => {
    const text = tokenizer.decode(tokens);
    return text.slice(0, endOf(text)).trim();
  });
}
