import { Mm1Error } from '../errors.js';
import { random } from '../random.js';
import type { Item } from './tasks/task.js';

/** Demonstrations of one seed: two lists that have no concept in common, of which every query can take one. */
export type Demonstrations = readonly [readonly Item[], readonly Item[]];

/** Examples that a task needs so that demonstrations can be drawn. */
export function examplesNeeded(shots: number): number {
  return 2 * shots;
}

/**
 * Draws the demonstrations of a task: the same for every variant. The first of many shots are the demonstrations of fewer.
 * @param examples of the training side, of different concepts
 * @param shots most demonstrations before a query
 * @param seed demonstration seed
 * @throws Mm1Error E_EVALUATION where there are too few examples
 */
export function drawDemonstrations(
  task: string,
  examples: readonly Item[],
  shots: number,
  seed: number,
): Demonstrations {
  if (examples.length < examplesNeeded(shots)) {
    throw new Mm1Error(
      `the task ${task} has ${examples.length} training examples of different concepts, and ${shots} shots need ${examplesNeeded(shots)}, so that no query meets its own`,
      {
        code: 'E_EVALUATION',
        where: task,
        remedy: `Ask for at most ${Math.floor(examples.length / 2)} shots, or give the task more training examples.`,
      },
    );
  }
  const order = random(seed, `demonstrations ${task}`).permutation(examples.length);
  const drawn = (first: number) => Array.from(order.subarray(first, first + shots), (i) => examples[i]!);
  return [drawn(0), drawn(shots)];
}

/** The demonstrations that a query is shown: those of the first list, unless one of them is about what the query is about. */
export function demonstrationsFor(
  { concept }: Pick<Item, 'concept'>,
  [first, second]: Demonstrations,
  shots: number,
): readonly Item[] {
  const own = first.slice(0, shots);
  return own.some((example) => example.concept === concept) ? second.slice(0, shots) : own;
}
