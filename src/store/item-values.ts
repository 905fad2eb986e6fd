import { bytesOf } from './doubles.js';
import type { ItemScoreRow, ScoreRow, TaskItems } from './rows.js';

type ScoreName = Pick<ScoreRow, 'task' | 'shots' | 'demonstrationSeed' | 'metric' | 'condition'>;

const nameOf = ({ task, shots, demonstrationSeed, metric, condition }: ScoreName): string =>
  JSON.stringify([task, shots, demonstrationSeed, metric, condition]);

/** The values of a trial's answers, gathered one by one and packed close together in the order of the run's items. */
export class ItemValues {
  /** By score, by item. */
  readonly #values = new Map<string, Map<string, number>>();
  readonly #items = new Map<string, Set<string>>();

  /** @param scores the trial's: answers of tasks without any are left out */
  constructor(scores: readonly ScoreRow[]) {
    for (const { task } of scores) this.#items.set(task, new Set());
  }

  add(answer: ItemScoreRow): void {
    const items = this.#items.get(answer.task);
    if (!items) return;
    items.add(answer.item);
    const name = nameOf(answer);
    const values = this.#values.get(name) ?? new Map<string, number>();
    this.#values.set(name, values.set(answer.item, answer.value));
  }

  /** What was asked of each task, in the order of the answers. @param concepts by item, of those that are about one */
  asked(concepts: ReadonlyMap<string, string>): Map<string, TaskItems> {
    const told = ([task, ids]: [string, Set<string>]): [string, TaskItems] => {
      const items = [...ids];
      return [task, { items, concepts: items.map((id) => concepts.get(id) ?? id) }];
    };
    return new Map([...this.#items].map(told));
  }

  /**
   * @param items of the score's task, in the run's order
   * @returns the bytes of a score's values: NaN for an item without an answer, nothing where no answers were recorded
   */
  packed(score: ScoreRow, items: readonly string[]): Buffer {
    const values = this.#values.get(nameOf(score));
    if (!values) return Buffer.alloc(0);
    const known = new Set(items);
    const other = [...values.keys()].find((item) => !known.has(item));
    if (other !== undefined) throw new Error(`no other trial of the run was asked ${other} of ${score.task}`);
    return bytesOf(Float64Array.from(items, (item) => values.get(item) ?? Number.NaN));
  }
}
