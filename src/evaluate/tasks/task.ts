import type { Corpus, CorpusImage, Split } from '../../data/emoji/corpus.js';
import { random } from '../../random.js';

/** One thing that a model is asked. */
export interface Item {
  /** The same for every variant and run: picture and question. */
  readonly id: string;
  readonly image: CorpusImage;
  readonly prompt: string;
  /** Right answers. */
  readonly references: readonly string[];
  /** Answers that a guess is drawn from; the right one among them. */
  readonly choices: readonly string[];
}

/** What outputs are worth, in the metric's reported unit. */
export interface Scored {
  /** One an item; the task's value is their mean. */
  readonly items: readonly number[];
  readonly mean: number;
}

/** A kind of task. */
export interface Task {
  readonly metric: string;
  /** Longest answer, in tokens. */
  readonly limit: number;
  /** Strings that end an answer, which is what stands before them. */
  readonly stops: readonly string[];
  /** Every item that the pictures of the given splits give, in a fixed order. */
  items(corpus: Corpus, splits: readonly Split[]): Item[];
  score(outputs: readonly string[], items: readonly Item[]): Scored;
  /** What guessing scores: answering without knowing the picture, but knowing what answers look like. */
  chance(items: readonly Item[]): number;
}

/** Seed of everything about an evaluation that is drawn: it is no setting, so that all runs ask the same. */
const EVALUATION_SEED = 0;

/** At most `count` of some items, the same ones for every variant and run. */
export function sample(items: readonly Item[], count: number, task: string): Item[] {
  if (items.length <= count) return [...items];
  const order = random(EVALUATION_SEED, `items ${task}`).permutation(items.length);
  return [...order.subarray(0, count).sort()].map((i) => items[i]!);
}

/** One guess an item, from its choices. */
export function guesses(items: readonly Item[]): string[] {
  const stream = random(EVALUATION_SEED, 'guesses');
  return items.map(({ choices }) => choices[stream.below(choices.length)]!);
}
