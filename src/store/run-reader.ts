import type { Database, Statement } from 'better-sqlite3';
import {
  decodeRun,
  decodeStage,
  decodeTrial,
  decodeVariant,
  type RawRun,
  type RawStage,
  type RawTrial,
  type RawVariant,
} from './decode.js';
import { type Holder, isAtWork } from './holder.js';
import { guard, noRuns } from './open.js';
import type { MetricRow, Provenance, RunRow, StageRow, TrialRow, VariantRow } from './rows.js';
import { runNotFound } from './run-id.js';

/** How a trial's loss fell. */
export interface LearningCurve {
  /** The variant's number. */
  readonly variant: number;
  readonly seed: number;
  readonly points: readonly { readonly step: number; readonly loss: number }[];
}

const RUNS = `SELECT runs.*, (SELECT provenance FROM launches WHERE run_id = runs.id ORDER BY id DESC LIMIT 1) AS provenance
  FROM runs`;
const NEWEST_FIRST = 'ORDER BY runs.started_at DESC, runs.rowid DESC';

/** Reads what runs are and how they stand. Damage that a read meets comes out as Mm1Error E_STORE. */
export abstract class RunReader {
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
        ? this.all<RawRun>(`${RUNS} ${NEWEST_FIRST} LIMIT 1`)
        : this.all<RawRun>(`${RUNS} WHERE id = ?`, idOrLatest);
    if (raw) return decodeRun(raw);
    const ids = this.all<{ id: string }>(`SELECT id FROM runs ${NEWEST_FIRST}`).map(({ id }) => id);
    throw ids.length === 0 ? noRuns(this.file) : runNotFound(idOrLatest, ids, this.file);
  }

  /** All runs, newest first. */
  runs(): RunRow[] {
    return this.all<RawRun>(`${RUNS} ${NEWEST_FIRST}`).map(decodeRun);
  }

  /** The newest run of the same plan that is not done, which a new launch can take up again. */
  unfinishedRun(planHash: string): RunRow | undefined {
    const sql = `${RUNS} WHERE plan_hash = ? AND status <> 'done' ${NEWEST_FIRST} LIMIT 1`;
    return this.all<RawRun>(sql, planHash).map(decodeRun)[0];
  }

  /** When and where each launch of a run was, oldest first: one, and one more for each time it was resumed. */
  launches(runId: string): { startedAt: string; provenance: Provenance }[] {
    const sql = 'SELECT started_at, provenance FROM launches WHERE run_id = ? ORDER BY id';
    return this.all<{ started_at: string; provenance: string }>(sql, runId).map((row) => ({
      startedAt: row.started_at,
      provenance: JSON.parse(row.provenance) as Provenance,
    }));
  }

  /** A run's variants in the grid's own order. */
  variants(runId: string): VariantRow[] {
    const sql = 'SELECT * FROM variants WHERE run_id = ? ORDER BY position';
    return this.all<RawVariant>(sql, runId).map(decodeVariant);
  }

  /** A run's trials: variants in the grid's order, seeds in the plan's. */
  trials(runId: string): TrialRow[] {
    const sql = `SELECT trials.*, variants.run_id FROM trials JOIN variants ON variants.id = trials.variant_id
      WHERE variants.run_id = ? ORDER BY variants.position, trials.id`;
    return this.all<RawTrial>(sql, runId).map(decodeTrial);
  }

  /** A run's stages in the order in which they were first recorded. */
  stages(runId: string): StageRow[] {
    return this.all<RawStage>('SELECT * FROM stages WHERE run_id = ? ORDER BY rowid', runId).map(decodeStage);
  }

  /** The metrics of one stage as this run computed it, by name and step; a loss that diverged is NaN. */
  metrics(runId: string, stageKey: string): MetricRow[] {
    const sql = `SELECT stage_key AS stageKey, step, name, value FROM metrics
      WHERE run_id = ? AND stage_key = ? ORDER BY name, step`;
    const rows = this.all<Omit<MetricRow, 'value'> & { value: number | null }>(sql, runId, stageKey);
    return rows.map((row) => ({ ...row, value: row.value ?? Number.NaN }));
  }

  /** The loss of the newest step of each stage of a run that has recorded any. */
  newestLosses(runId: string): MetricRow[] {
    const sql = `SELECT stage_key AS stageKey, name, max(step) AS step, value FROM metrics
      WHERE run_id = ? AND name = 'loss' GROUP BY stage_key ORDER BY stage_key`;
    const rows = this.all<Omit<MetricRow, 'value'> & { value: number | null }>(sql, runId);
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
    for (const { variant, seed, ...point } of this.all<{ variant: number; seed: number; step: number; loss: number }>(
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

  /** What processes that are at work hold: names of locks, and who. */
  locks(): { readonly name: string; readonly holder: Holder }[] {
    const sql = 'SELECT name, pid, born, host, taken_at AS sign FROM locks ORDER BY name';
    return this.all<Holder & { name: string; sign: string }>(sql).flatMap(({ name, sign, ...holder }) =>
      isAtWork(holder, sign) ? [{ name, holder }] : [],
    );
  }

  /** A number that changes whenever another process has written. */
  dataVersion(): number {
    return this.all<{ data_version: number }>('PRAGMA data_version')[0]!.data_version;
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

  protected all<Row>(
    sql: string,
    ...parameters: (string | number | Readonly<Record<string, string | number>>)[]
  ): Row[] {
    return guard(this.file, () => this.prepare(sql).all(...parameters) as Row[]);
  }
}
