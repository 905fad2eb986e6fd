import type { TaskGroup } from '../../config/tasks.js';
import type { SourceImage } from '../../data/sources/source.js';
import type { Places } from '../../data/training-source.js';
import { random } from '../../random.js';

/** One thing that a model is asked, or is shown with its answer. */
export interface Item {
  /** The same for every variant and run: picture and question. */
  readonly id: string;
  /** What it is about: a demonstration is never about what its query is about. */
  readonly concept: string;
  /** Id of its picture; null where it has none. */
  readonly image: string | null;
  /** What stands for {question} in a prompt; empty where nothing does. */
  readonly question: string;
  /** Right answers, the one that a demonstration shows first. */
  readonly references: readonly string[];
  /** Answers to choose from, the right one among them; or what a guess is drawn from. */
  readonly choices: readonly string[];
  /** What its picture has in common with some others': where it is told, the shuffled control shows one of them. */
  readonly kind?: string | undefined;
}

/** An item whose picture can be drawn. */
export interface DrawnItem extends Omit<Item, 'image'> {
  readonly image: SourceImage | null;
}

/** What outputs are worth, in the metric's reported unit. */
export interface Scored {
  /** One an item. */
  readonly items: readonly number[];
  /** The task's value: the items' mean, but for metrics of a whole set of texts. */
  readonly value: number;
}

/** How an answer is had: the model writes it, chooses it by its likelihood, or is not asked but measured on the text itself. */
export type AnswerForm = 'written' | 'chosen' | 'measured';

/** Where a task's data lies, and how much of it is asked. */
export interface TaskPlace {
  readonly places: Places;
  /** Number of concepts that emoji are capped to. */
  readonly concepts: number;
  /** Most items that are asked. */
  readonly items: number;
  /** Demonstrations that can be drawn, at least, if there are so many. */
  readonly demonstrations: number;
}

/** A task's items, and examples of its training side. */
export interface TaskItems {
  readonly asked: readonly DrawnItem[];
  /** Of different concepts; none where no shots are asked for, or nothing can be demonstrated. */
  readonly examples: readonly DrawnItem[];
  /** What a person should know of how they were drawn: what was left out, and why. */
  readonly notes?: readonly string[];
}

/** Something that models are asked. */
export interface Task {
  readonly group: TaskGroup;
  /** Name of its prompt among those that a grid can change: see src/evaluate/prompts/templates.ts. */
  readonly prompt: string;
  readonly answer: AnswerForm;
  readonly metric: string;
  /** Whether a lower value is a better one. */
  readonly lowerIsBetter?: true;
  /** What a choice's log-likelihood is divided by: the bytes of the choice, so that long ones are not punished; nothing if left out. */
  readonly normalise?: 'bytes';
  /** Longest written answer, in tokens. */
  readonly limit: number;
  /** Strings that end a written answer, which is what stands before them. */
  readonly stops: readonly string[];
  /** Draws what is asked: the same for every variant and run. */
  draw(place: TaskPlace): Promise<TaskItems>;
  score(outputs: readonly string[], items: readonly Item[]): Scored;
  /** What guessing scores: answering without knowing what is asked about, but knowing what answers look like. */
  chance(items: readonly Item[]): number;
}

/** Seed of everything about an evaluation that is drawn but its demonstrations: it is no setting, so that all runs ask the same. */
export const EVALUATION_SEED = 0;

/** At most `count` of some items, in their order, the same ones for every variant and run. */
export function sample<Some>(items: readonly Some[], count: number, name: string): Some[] {
  if (items.length <= count) return [...items];
  const order = random(EVALUATION_SEED, `items ${name}`).permutation(items.length);
  return [...order.subarray(0, count).sort()].map((i) => items[i]!);
}

/** At most `count` items of different concepts, in random order: examples to draw demonstrations from. */
export function examplesOf<Some extends Pick<Item, 'concept'>>(
  items: readonly Some[],
  count: number,
  name: string,
): Some[] {
  const order = random(EVALUATION_SEED, `examples ${name}`).permutation(items.length);
  const found = new Map<string, Some>();
  for (const place of order) {
    if (found.size === count) break;
    const item = items[place]!;
    if (!found.has(item.concept)) found.set(item.concept, item);
  }
  return [...found.values()];
}

/** One guess an item, from its choices. */
export function guesses(items: readonly Item[]): string[] {
  const stream = random(EVALUATION_SEED, 'guesses');
  return items.map(({ choices }) => choices[stream.below(choices.length)]!);
}

/** Mean of the items' values. */
export function meanOf(items: readonly number[]): Scored {
  return { items, value: items.reduce((a, b) => a + b, 0) / items.length };
}
