import type { Database, Statement } from 'better-sqlite3';
import {
  decodeItem,
  decodeRun,
  decodeScore,
  decodeStage,
  decodeTrial,
  decodeVariant,
  type RawItem,
  type RawRun,
  type RawScore,
  type RawStage,
  type RawTrial,
  type RawVariant,
} from './decode.js';
import { type Holder, isAtWork } from './holder.js';
import { guard, noRuns } from './open.js';
import type {
  Condition,
  ItemScoreRow,
  MetricRow,
  Provenance,
  RunRow,
  StageRow,
  TaskItems,
  TrialRow,
  TrialScoreRow,
  VariantRow,
} from './rows.js';
import { runNotFound } from './run-id.js';

/** What was asked of a variant: a task at a number of shots, under one condition. */
export interface AskedTask {
  readonly variantId: number;
  readonly task: string;
  readonly shots: number;
  readonly metric: string;
  readonly condition: Condition;
}

/** How a trial's loss fell. */
export interface LearningCurve {
  /** The variant's number. */
  readonly variant: number;
  readonly seed: number;
  readonly points: readonly { readonly step: number; readonly loss: number }[];
}

/** One answer of a trial to an item. */
export interface AnswerRow extends ItemScoreRow {
  /** The trial's. */
  readonly seed: number;
}

const RUNS = `SELECT runs.*, (SELECT provenance FROM launches WHERE run_id = runs.id ORDER BY id DESC LIMIT 1) AS provenance
  FROM runs`;
const NEWEST_FIRST = 'ORDER BY runs.started_at DESC, runs.rowid DESC';
const TRIALS_OF_RUN = 'SELECT trials.id FROM trials JOIN variants ON variants.id = variant_id WHERE run_id = ?';

/** The half of the store that reads. Damage that a read meets comes out as Mm1Error E_STORE. */
export abstract class StoreReader {
  readonly file: string;
  protected readonly database: Database;
  readonly #statements = new Map<string, Statement>();

  protected constructor(file: string, database: Database) {
    this.file = file;
    this.database = database;
  }

  /**
   * A run by its id, or the newest by the word `latest`.
   *
   * @throws Mm1Error E_RUN_NOT_FOUND with the nearest ids, E_NO_RUNS when there is none at all
   */
  run(idOrLatest: string): RunRow {
    const [raw] =
      idOrLatest === 'latest'
        ? this.#all<RawRun>(`${RUNS} ${NEWEST_FIRST} LIMIT 1`)
        : this.#all<RawRun>(`${RUNS} WHERE id = ?`, idOrLatest);
    if (raw) return decodeRun(raw);
    const ids = this.#all<{ id: string }>(`SELECT id FROM runs ${NEWEST_FIRST}`).map(({ id }) => id);
    throw ids.length === 0 ? noRuns(this.file) : runNotFound(idOrLatest, ids, this.file);
  }

  /** All runs, newest first. */
  runs(): RunRow[] {
    return this.#all<RawRun>(`${RUNS} ${NEWEST_FIRST}`).map(decodeRun);
  }

  /** The newest run of the same plan that is not done, which a new launch can take up again. */
  unfinishedRun(planHash: string): RunRow | undefined {
    const sql = `${RUNS} WHERE plan_hash = ? AND status <> 'done' ${NEWEST_FIRST} LIMIT 1`;
    return this.#all<RawRun>(sql, planHash).map(decodeRun)[0];
  }

  /** When and where each launch of a run was, oldest first: one, and one more for each time it was resumed. */
  launches(runId: string): { startedAt: string; provenance: Provenance }[] {
    const sql = 'SELECT started_at, provenance FROM launches WHERE run_id = ? ORDER BY id';
    return this.#all<{ started_at: string; provenance: string }>(sql, runId).map((row) => ({
      startedAt: row.started_at,
      provenance: JSON.parse(row.provenance) as Provenance,
    }));
  }

  /** A run's variants in the grid's own order. */
  variants(runId: string): VariantRow[] {
    const sql = 'SELECT * FROM variants WHERE run_id = ? ORDER BY position';
    return this.#all<RawVariant>(sql, runId).map(decodeVariant);
  }

  /** A run's trials: variants in the grid's order, seeds in the plan's. */
  trials(runId: string): TrialRow[] {
    const sql = `SELECT trials.*, variants.run_id FROM trials JOIN variants ON variants.id = trials.variant_id
      WHERE variants.run_id = ? ORDER BY variants.position, trials.id`;
    return this.#all<RawTrial>(sql, runId).map(decodeTrial);
  }

  /** A run's stages in the order in which they were first recorded. */
  stages(runId: string): StageRow[] {
    return this.#all<RawStage>('SELECT * FROM stages WHERE run_id = ? ORDER BY rowid', runId).map(decodeStage);
  }

  /** The metrics of one stage as this run computed it, by name and step; a loss that diverged is NaN. */
  metrics(runId: string, stageKey: string): MetricRow[] {
    const sql = `SELECT stage_key AS stageKey, step, name, value FROM metrics
      WHERE run_id = ? AND stage_key = ? ORDER BY name, step`;
    const rows = this.#all<Omit<MetricRow, 'value'> & { value: number | null }>(sql, runId, stageKey);
    return rows.map((row) => ({ ...row, value: row.value ?? Number.NaN }));
  }

  /** The loss of the newest step of each stage of a run that has recorded any. */
  newestLosses(runId: string): MetricRow[] {
    const sql = `SELECT stage_key AS stageKey, name, max(step) AS step, value FROM metrics
      WHERE run_id = ? AND name = 'loss' GROUP BY stage_key ORDER BY stage_key`;
    const rows = this.#all<Omit<MetricRow, 'value'> & { value: number | null }>(sql, runId);
    return rows.map((row) => ({ ...row, value: row.value ?? Number.NaN }));
  }

  /**
   * Losses of a run's multimodal trainings, thinned to means over hundredths of each; none of what was found in the cache, nor
   * where an older mm1 ran them.
   */
  learningCurves(runId: string): LearningCurve[] {
    const sql = `WITH trained AS (
        SELECT stage_key, max(step) AS last FROM metrics JOIN stages ON stages.run_id = metrics.run_id AND key = stage_key
        WHERE metrics.run_id = ? AND kind = 'pretrain' AND name = 'loss' GROUP BY stage_key
      )
      SELECT position + 1 AS variant, seed, avg(step) AS step, avg(value) AS loss
      FROM trained JOIN metrics USING (stage_key) JOIN trial_stages USING (stage_key)
        JOIN trials ON trials.id = trial_id JOIN variants ON variants.id = variant_id AND variants.run_id = metrics.run_id
      WHERE metrics.run_id = ? AND name = 'loss' AND value IS NOT NULL
      GROUP BY variants.id, seed, step * 100 / (last + 1) ORDER BY variants.id, seed, step`;
    const curves = new Map<string, LearningCurve & { points: { step: number; loss: number }[] }>();
    for (const { variant, seed, ...point } of this.#all<{ variant: number; seed: number; step: number; loss: number }>(
      sql,
      runId,
      runId,
    )) {
      const name = `${variant} ${seed}`;
      const curve = curves.get(name) ?? { variant, seed, points: [] };
      curve.points.push(point);
      curves.set(name, curve);
    }
    return [...curves.values()];
  }

  /** What a trial answered to some items of a task, with the first draw of demonstrations. */
  outputs(
    trialId: number,
    { task, shots }: Pick<AskedTask, 'task' | 'shots'>,
    items: readonly string[],
  ): ItemScoreRow[] {
    const sql = `SELECT * FROM item_scores WHERE trial_id = ? AND task = ? AND shots = ? AND condition = 'asked'
      AND demonstration_seed = 0 AND item IN (SELECT value FROM json_each(?))`;
    return this.#all<RawItem>(sql, trialId, task, shots, JSON.stringify(items)).map(decodeItem);
  }

  /** All scores of a run's finished trials, each with its items' values in the order of `taskItems`. */
  scores(runId: string): TrialScoreRow[] {
    const sql = `SELECT * FROM scores WHERE trial_id IN (${TRIALS_OF_RUN})
      ORDER BY trial_id, task, shots, demonstration_seed, metric, condition`;
    return this.#all<RawScore>(sql, runId).map(decodeScore);
  }

  /** What each task of a run asks. */
  taskItems(runId: string): Map<string, TaskItems> {
    const sql = 'SELECT task, items, concepts FROM task_items WHERE run_id = ?';
    const rows = this.#all<{ task: string; items: string; concepts: string }>(sql, runId);
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
    for (const { id, key } of this.#all<{ id: number; key: string }>(sql, runId)) {
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
    return this.#all<RawItem>(sql, trialId).map(decodeItem);
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
    const rows = this.#all<RawItem & { seed: number }>(sql, { variantId, ...asked, limit });
    return rows.map((row) => ({ ...decodeItem(row), seed: row.seed }));
  }

  /** What processes that are at work hold: names of locks, and who. */
  locks(): { readonly name: string; readonly holder: Holder }[] {
    const rows = this.#all<Holder & { name: string }>('SELECT name, pid, born, host FROM locks ORDER BY name');
    return rows.map(({ name, ...holder }) => ({ name, holder })).filter(({ holder }) => isAtWork(holder));
  }

  close(): void {
    this.database.close();
  }

  /** A statement is compiled once for the life of the store. */
  protected prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #all<Row>(sql: string, ...parameters: (string | number | Readonly<Record<string, string | number>>)[]): Row[] {
    return guard(this.file, () => this.prepare(sql).all(...parameters) as Row[]);
  }
}
