import type { TextDocument } from '../../data/sources/source.js';
import { bitsPerByte } from '../metrics/index.js';
import { proseOf } from './prose.js';
import { type DrawnItem, type Item, type Scored, sample, type Task } from './task.js';

/** Characters of a window of text: it ends with the last whole word. */
const WINDOW = 400;
/** Bits per byte of a guess: all bytes are as likely. */
const BITS_OF_A_BYTE = 8;

/**
 * How many bits a model needs for a byte of held-out speeches and chapters, on windows of 400 characters, each read by
 * itself. The task's value is of all windows together: total bits by total bytes.
 */
export const speechBits: Task = {
  group: 'textcore',
  prompt: 'text',
  answer: 'measured',
  metric: 'bits per byte',
  lowerIsBetter: true,
  limit: 0,
  stops: [],
  async draw({ items }) {
    const windows = (await proseOf('held-out')).flatMap(windowsOf);
    return { asked: sample(windows, items, 'speech-bits'), examples: [] };
  },
  score,
  chance: () => BITS_OF_A_BYTE,
};

/** @param outputs of each window, its negative log-likelihood, summed over its tokens, in nats */
function score(outputs: readonly string[], items: readonly Item[]): Scored {
  const nats = outputs.map(natsOf);
  const bytes = items.map(({ question }) => Buffer.byteLength(question));
  return { items: nats.map((sum, i) => bitsPerByte(sum, bytes[i]!)), value: bitsPerByte(total(nats), total(bytes)) };
}

function natsOf(output: string): number {
  const nats = Number(output);
  if (output === '' || !Number.isFinite(nats)) throw new Error(`no log-likelihood: ${JSON.stringify(output)}`);
  return nats;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** A document cut into windows, without what is left at its end. */
function windowsOf({ id, text }: TextDocument): DrawnItem[] {
  const found: DrawnItem[] = [];
  for (let start = 0; start + WINDOW <= text.length; ) {
    const [question] = /^.*\S(?=\s)/s.exec(text.slice(start, start + WINDOW + 1)) ?? [];
    if (question === undefined) throw new Error(`${id} has a word of ${WINDOW} characters`);
    found.push({ id: `${id}#${start}`, concept: id, image: null, question, references: [], choices: [] });
    start += question.length;
    start += text.slice(start).search(/\S|$/);
  }
  return found;
}
