import type { Plan } from '../config/plan.js';
import { ItemValues } from './item-values.js';
import { LockingStore } from './locks.js';
import { openReadable, openWritable } from './open.js';
import type { ItemScoreRow, MetricRow, Provenance, RunRow, RunStatus, ScoreRow, StageRow, TaskItems } from './rows.js';
import { newRunId } from './run-id.js';

/** What a trial's results came from. */
export interface TrialContext {
  /** What an item is about, by its id; of those that are not in it, the item itself. */
  readonly concepts?: ReadonlyMap<string, string>;
  /** Keys of the stages that it stands on. */
  readonly stages?: readonly string[];
}

/**
 * The record of all runs: one SQLite file, written by one process and read by any number.
 * Every method that writes is one transaction: after a crash it has happened whole or not at all.
 */
export class Store extends LockingStore {
  /**
   * Opens the file for writing; makes it, and its folder, where there is none.
   *
   * @throws Mm1Error E_STORE when it cannot be written, is no database of mm1, or was written by a newer mm1
   */
  static open(file: string): Store {
    return new Store(file, openWritable(file));
  }

  /**
   * Opens the file for reading alone, also while a run is being written.
   *
   * @throws Mm1Error E_NO_RUNS when there is no file, E_STORE when it cannot be read
   */
  static openReadOnly(file: string): Store {
    return new Store(file, openReadable(file));
  }

  /**
   * Records a new run with all its variants, and its trials as pending.
   * @param plannedSeconds what its stages are thought to take
   */
  beginRun(plan: Plan, provenance: Provenance, plannedSeconds: number | null = null): RunRow {
    return this.write(() => {
      const now = new Date();
      const taken = this.prepare('SELECT 1 FROM runs WHERE id = ?');
      const id = newRunId(now, plan.name, (candidate) => taken.get(candidate) !== undefined);
      this.prepare(
        `INSERT INTO runs (id, name, question, status, scale, plan_hash, grid_path, grid_text, axes, design,
           exclusions, planned_seconds, seeds, evaluation, started_at)
         VALUES (@id, @name, @question, 'running', @scale, @hash, @gridPath, @gridText, @axes, @design,
           @exclusions, @plannedSeconds, @seeds, @evaluation, @startedAt)`,
      ).run({
        id,
        name: plan.name,
        question: plan.question,
        scale: plan.scale,
        hash: plan.hash,
        gridPath: plan.gridPath,
        gridText: plan.gridText,
        axes: JSON.stringify(plan.axes),
        design: JSON.stringify(plan.design),
        exclusions: JSON.stringify(plan.exclusions),
        plannedSeconds,
        seeds: JSON.stringify(plan.seeds),
        evaluation: JSON.stringify(plan.evaluation),
        startedAt: now.toISOString(),
      });
      this.#recordLaunch(id, now, provenance);
      const insertVariant = this.prepare(
        'INSERT INTO variants (run_id, position, key, settings, recipe) VALUES (?, ?, ?, ?, ?)',
      );
      const insertTrial = this.prepare('INSERT INTO trials (variant_id, seed) VALUES (?, ?)');
      for (const { index, key, settings, recipe } of plan.variants) {
        const variant = insertVariant.run(id, index, key, JSON.stringify(settings), JSON.stringify(recipe));
        for (const seed of plan.seeds) insertTrial.run(variant.lastInsertRowid, seed);
      }
      return this.run(id);
    });
  }

  /**
   * Takes up a run again: its status is running, and every trial that was at work is pending once more.
   * The caller sees to it that no other process is at work on the same run.
   * @param failed whether trials that failed are pending too
   */
  resumeRun(runId: string, provenance: Provenance, failed: boolean): RunRow {
    return this.write(() => {
      this.#mustChange(
        this.prepare(`UPDATE runs SET status = 'running', finished_at = NULL WHERE id = ?`).run(runId).changes,
        `run ${runId}`,
      );
      this.#recordLaunch(runId, new Date(), provenance);
      this.prepare(
        `UPDATE trials SET status = 'pending', error = NULL, error_code = NULL, started_at = NULL, finished_at = NULL, seconds = NULL
         WHERE (status = 'running' OR status = 'failed' AND ?) AND variant_id IN (SELECT id FROM variants WHERE run_id = ?)`,
      ).run(failed ? 1 : 0, runId);
      return this.run(runId);
    });
  }

  /** Records how a run ended; a trial that was at work when it ended is pending again. */
  finishRun(runId: string, status: Exclude<RunStatus, 'running'>): void {
    this.write(() => {
      this.#mustChange(
        this.prepare('UPDATE runs SET status = ?, finished_at = ? WHERE id = ?').run(status, isoNow(), runId).changes,
        `run ${runId}`,
      );
      this.prepare(
        `UPDATE trials SET status = 'pending', started_at = NULL
         WHERE status = 'running' AND variant_id IN (SELECT id FROM variants WHERE run_id = ?)`,
      ).run(runId);
    });
  }

  startTrial(trialId: number): void {
    this.writeForNow(() => {
      const { changes } = this.prepare(
        `UPDATE trials SET status = 'running', started_at = ?, error = NULL, error_code = NULL, finished_at = NULL, seconds = NULL WHERE id = ?`,
      ).run(isoNow(), trialId);
      this.#mustChange(changes, `trial ${trialId}`);
    });
  }

  /** Records that a trial failed, and why; whatever it had scored before is taken away. */
  failTrial(trialId: number, code: string, error: string): void {
    this.write(() => {
      this.#clearScores(trialId);
      const { changes } = this.prepare(
        `UPDATE trials SET status = 'failed', error_code = ?, error = ?, finished_at = ? WHERE id = ?`,
      ).run(code, error, isoNow(), trialId);
      this.#mustChange(changes, `trial ${trialId}`);
    });
  }

  /**
   * Records all of a trial's results and that it is done, in one transaction; earlier rows of the trial are replaced.
   *
   * @param seconds wall time of the trial's own work
   */
  finishTrial(
    trialId: number,
    seconds: number,
    scores: readonly ScoreRow[],
    items: Iterable<ItemScoreRow>,
    { concepts = new Map(), stages = [] }: TrialContext = {},
  ): void {
    this.write(() => {
      this.#clearScores(trialId);
      const insertItem = this.prepare(
        `INSERT INTO item_scores (trial_id, task, shots, demonstration_seed, metric, condition, item, demonstration_list,
           prompt, output, reference_list, value)
         VALUES (@trialId, @task, @shots, @demonstrationSeed, @metric, @condition, @item, @demonstrationList,
           @prompt, @output, @references, @value)`,
      );
      const values = new ItemValues(scores);
      for (const row of items) {
        insertItem.run({ ...row, trialId, references: JSON.stringify(row.references) });
        values.add(row);
      }
      const asked = this.#taskItems(trialId, values.asked(concepts));
      const insertScore = this.prepare(
        `INSERT INTO scores (trial_id, task, task_group, shots, demonstration_seed, metric, lower_is_better, condition,
           value, items, chance, demonstrations, item_values)
         VALUES (@trialId, @task, @group, @shots, @demonstrationSeed, @metric, @lowerIsBetter, @condition,
           @value, @items, @chance, @demonstrations, @itemValues)`,
      );
      for (const score of scores) {
        insertScore.run({
          ...score,
          trialId,
          lowerIsBetter: score.lowerIsBetter ? 1 : 0,
          demonstrations: JSON.stringify(score.demonstrations),
          itemValues: values.packed(score, asked.get(score.task)!),
        });
      }
      const insertStage = this.prepare('INSERT INTO trial_stages (trial_id, stage_key) VALUES (?, ?)');
      for (const key of new Set(stages)) insertStage.run(trialId, key);
      const { changes } = this.prepare(
        `UPDATE trials SET status = 'done', error = NULL, finished_at = ?, seconds = ? WHERE id = ?`,
      ).run(isoNow(), seconds, trialId);
      this.#mustChange(changes, `trial ${trialId}`);
    });
  }

  /**
   * Records how a stage went. A stage that this run computed and that a resumed launch then found in the cache
   * keeps its first row: that one says what it cost.
   */
  recordStage(row: StageRow): void {
    this.write(() => {
      this.prepare(
        `INSERT INTO stages (run_id, key, kind, title, status, cached, seconds, bytes, error, error_code, attempts, log, summary)
         VALUES (@runId, @key, @kind, @title, @status, @cached, @seconds, @bytes, @error, @errorCode, @attempts, @log, @summary)
         ON CONFLICT (run_id, key) DO UPDATE SET
           kind = excluded.kind, title = excluded.title, status = excluded.status, cached = excluded.cached,
           seconds = excluded.seconds, bytes = excluded.bytes, error = excluded.error,
           error_code = excluded.error_code, attempts = excluded.attempts, log = excluded.log, summary = excluded.summary
         WHERE NOT (stages.status = 'done' AND excluded.cached = 1)`,
      ).run({ ...row, cached: row.cached ? 1 : 0, summary: JSON.stringify(row.summary) });
    });
  }

  /** Records metrics by step; a step that is run again after an interruption replaces its earlier value. */
  recordMetrics(runId: string, rows: readonly MetricRow[]): void {
    this.write(() => {
      const insert = this.prepare(
        'INSERT OR REPLACE INTO metrics (run_id, stage_key, name, step, value) VALUES (?, ?, ?, ?, ?)',
      );
      for (const { stageKey, name, step, value } of rows) {
        insert.run(runId, stageKey, name, step, Number.isNaN(value) ? null : value);
      }
    });
  }

  #recordLaunch(runId: string, at: Date, provenance: Provenance): void {
    this.prepare('INSERT INTO launches (run_id, started_at, provenance) VALUES (?, ?, ?)').run(
      runId,
      at.toISOString(),
      JSON.stringify(provenance),
    );
  }

  #clearScores(trialId: number): void {
    this.prepare('DELETE FROM scores WHERE trial_id = ?').run(trialId);
    this.prepare('DELETE FROM item_scores WHERE trial_id = ?').run(trialId);
    this.prepare('DELETE FROM trial_stages WHERE trial_id = ?').run(trialId);
  }

  /** Records what the run's tasks ask, where its first trial is done. @returns it */
  #taskItems(trialId: number, tasks: ReadonlyMap<string, TaskItems>): ReadonlyMap<string, readonly string[]> {
    const runOfTrial =
      '(SELECT run_id FROM variants JOIN trials ON variants.id = variant_id WHERE trials.id = @trialId)';
    const insert = this.prepare(
      `INSERT INTO task_items (run_id, task, items, concepts) VALUES (${runOfTrial}, @task, @items, @concepts)
       ON CONFLICT DO NOTHING`,
    );
    for (const [task, { items, concepts }] of tasks) {
      insert.run({ trialId, task, items: JSON.stringify(items), concepts: JSON.stringify(concepts) });
    }
    const rows = this.prepare(`SELECT task, items FROM task_items WHERE run_id = ${runOfTrial}`).all({ trialId });
    return new Map(
      (rows as { task: string; items: string }[]).map(({ task, items }) => [task, JSON.parse(items) as string[]]),
    );
  }

  /** An update that met no row is a bug of the caller. */
  #mustChange(changes: number, what: string): void {
    if (changes === 0) throw new Error(`${what} is not in ${this.file}`);
  }
}

function isoNow(): string {
  return new Date().toISOString();
}
