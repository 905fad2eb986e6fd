import { bytesOf } from './doubles.js';
import type { ItemScoreRow, ScoreRow, TaskItems } from './rows.js';

type ScoreName = Pick<ScoreRow, 'task' | 'shots' | 'demonstrationSeed' | 'metric' | 'condition'>;

const nameOf = ({ task, shots, demonstrationSeed, metric, condition }: ScoreName): string =>
  JSON.stringify([task, shots, demonstrationSeed, metric, condition]);

/** What was asked of each task that has scores, in the order of the answers. */
export function itemsOf(
  scores: readonly ScoreRow[],
  answers: readonly ItemScoreRow[],
  concepts: ReadonlyMap<string, string>,
): Map<string, TaskItems> {
  const found = new Map<string, Set<string>>(scores.map(({ task }) => [task, new Set()]));
  for (const { task, item } of answers) found.get(task)?.add(item);
  return new Map(
    [...found].map(([task, ids]) => {
      const items = [...ids];
      return [task, { items, concepts: items.map((id) => concepts.get(id) ?? id) }];
    }),
  );
}

/**
 * Packs the values of answers close together, in the order of the run's items.
 * @param asked every task's items
 * @returns the bytes of a score's values: NaN for an item without an answer, nothing where no answers were recorded
 */
export function packItems(
  asked: ReadonlyMap<string, readonly string[]>,
  answers: readonly ItemScoreRow[],
): (score: ScoreRow) => Buffer {
  const places = new Map([...asked].map(([task, items]) => [task, new Map(items.map((id, place) => [id, place]))]));
  const packed = new Map<string, Float64Array>();
  for (const answer of answers) {
    const own = places.get(answer.task);
    if (!own) continue; // of a task without scores
    const place = own.get(answer.item);
    if (place === undefined) throw new Error(`no other trial of the run was asked ${answer.item} of ${answer.task}`);
    const name = nameOf(answer);
    const values = packed.get(name) ?? new Float64Array(own.size).fill(Number.NaN);
    values[place] = answer.value;
    packed.set(name, values);
  }
  return (score) => bytesOf(packed.get(nameOf(score)) ?? new Float64Array());
}
