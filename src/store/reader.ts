import { decodeItem, decodeScore, type RawItem, type RawScore } from './decode.js';
import type { Condition, ItemScoreRow, TaskItems, TrialScoreRow } from './rows.js';
import { RunReader } from './run-reader.js';

/** What was asked of a variant: a task at a number of shots, under one condition. */
export interface AskedTask {
  readonly variantId: number;
  readonly task: string;
  readonly shots: number;
  readonly metric: string;
  readonly condition: Condition;
}

/** One answer of a trial to an item. */
export interface AnswerRow extends ItemScoreRow {
  /** The trial's. */
  readonly seed: number;
}

const TRIALS_OF_RUN = 'SELECT trials.id FROM trials JOIN variants ON variants.id = variant_id WHERE run_id = ?';

/** The half of the store that reads. */
export abstract class StoreReader extends RunReader {
  /** What a trial answered to some items of a task, with the first draw of demonstrations. */
  outputs(
    trialId: number,
    { task, shots }: Pick<AskedTask, 'task' | 'shots'>,
    items: readonly string[],
  ): ItemScoreRow[] {
    const sql = `SELECT * FROM item_scores WHERE trial_id = ? AND task = ? AND shots = ? AND condition = 'asked'
      AND demonstration_seed = 0 AND item IN (SELECT value FROM json_each(?))`;
    return this.all<RawItem>(sql, trialId, task, shots, JSON.stringify(items)).map(decodeItem);
  }

  /** All scores of a run's finished trials, each with its items' values in the order of `taskItems`. */
  scores(runId: string): TrialScoreRow[] {
    const sql = `SELECT * FROM scores WHERE trial_id IN (${TRIALS_OF_RUN})
      ORDER BY trial_id, task, shots, demonstration_seed, metric, condition`;
    return this.all<RawScore>(sql, runId).map(decodeScore);
  }

  /** What each task of a run asks. */
  taskItems(runId: string): Map<string, TaskItems> {
    const sql = 'SELECT task, items, concepts FROM task_items WHERE run_id = ?';
    const rows = this.all<{ task: string; items: string; concepts: string }>(sql, runId);
    return new Map(
      rows.map(({ task, items, concepts }) => [
        task,
        { items: JSON.parse(items) as string[], concepts: JSON.parse(concepts) as string[] },
      ]),
    );
  }

  /** Keys of the stages that each finished trial of a run stands on; none where an older mm1 ran it. */
  trialStages(runId: string): Map<number, string[]> {
    const sql = `SELECT trial_id AS id, stage_key AS key FROM trial_stages WHERE trial_id IN (${TRIALS_OF_RUN})`;
    const found = new Map<number, string[]>();
    for (const { id, key } of this.all<{ id: number; key: string }>(sql, runId)) {
      const keys = found.get(id);
      if (keys) keys.push(key);
      else found.set(id, [key]);
    }
    return found;
  }

  /** Every item of one trial with its prompt, the model's own output and the references. */
  items(trialId: number): ItemScoreRow[] {
    const sql = `SELECT * FROM item_scores
      WHERE trial_id = ? ORDER BY task, shots, demonstration_seed, metric, condition, item`;
    return this.all<RawItem>(sql, trialId).map(decodeItem);
  }

  /**
   * What a variant's finished trials answered, item by item in the order of the items' means over seeds and demonstration
   * seeds; the answers to one item stand together, by seed.
   *
   * @param first which end comes first
   * @param limit most items, of each of which all answers are given
   */
  answers({ variantId, ...asked }: AskedTask, first: 'lowest' | 'highest', limit: number): AnswerRow[] {
    const direction = first === 'lowest' ? 'ASC' : 'DESC';
    const sql = `WITH answers AS (
        SELECT item_scores.*, trials.seed FROM item_scores JOIN trials ON trials.id = trial_id
        WHERE variant_id = @variantId AND status = 'done'
          AND task = @task AND shots = @shots AND metric = @metric AND condition = @condition
      ), means AS (
        SELECT item, avg(value) AS mean FROM answers GROUP BY item ORDER BY mean ${direction}, item LIMIT @limit
      )
      SELECT answers.* FROM answers JOIN means USING (item) ORDER BY mean ${direction}, item, seed, demonstration_seed`;
    const rows = this.all<RawItem & { seed: number }>(sql, { variantId, ...asked, limit });
    return rows.map((row) => ({ ...decodeItem(row), seed: row.seed }));
  }
}
