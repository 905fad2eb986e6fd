import { deflateRawSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { guard, openWritable } from './open.js';

/**
 * What a copy takes over of each table, in order; `:id` is the run, `:variants` and `:trials` what their numbers grow by. Losses,
 * the answers' words and logs stay behind, and so do the names of the machine and of its folders.
 */
const TABLES = [
  `INSERT INTO main.runs SELECT * FROM source.runs WHERE id = :id`,
  `INSERT INTO main.launches (run_id, started_at, provenance)
    SELECT run_id, started_at, json_set(provenance, '$.host', '', '$.command', '') FROM source.launches WHERE run_id = :id ORDER BY id`,
  `INSERT INTO main.variants (id, run_id, position, key, settings, recipe)
    SELECT id + :variants, run_id, position, key, settings, recipe FROM source.variants WHERE run_id = :id`,
  `INSERT INTO main.trials (id, variant_id, seed, status, error, started_at, finished_at, seconds, error_code)
    SELECT trials.id + :trials, variant_id + :variants, seed, status, error, started_at, finished_at, seconds, error_code
    FROM source.trials JOIN source.variants ON variants.id = variant_id WHERE run_id = :id ORDER BY trials.id`,
  `INSERT INTO main.stages (run_id, key, kind, title, status, cached, seconds, bytes, error, summary, error_code, attempts)
    SELECT run_id, key, kind, title, status, cached, seconds, bytes, error, summary, error_code, attempts
    FROM source.stages WHERE run_id = :id ORDER BY stages.rowid`,
  `INSERT INTO main.scores (trial_id, task, task_group, shots, demonstration_seed, metric, lower_is_better, condition, value, items,
      chance, demonstrations, item_values, deflated)
    SELECT trial_id + :trials, task, task_group, shots, demonstration_seed, metric, lower_is_better, condition, value, items,
      chance, demonstrations, CASE deflated WHEN 1 THEN item_values ELSE deflate(item_values) END, 1
    FROM source.scores JOIN source.trials ON trials.id = trial_id JOIN source.variants ON variants.id = variant_id
    WHERE run_id = :id`,
  `INSERT INTO main.task_items SELECT * FROM source.task_items WHERE run_id = :id`,
  `INSERT INTO main.trial_stages SELECT trial_id + :trials, stage_key
    FROM source.trial_stages JOIN source.trials ON trials.id = trial_id JOIN source.variants ON variants.id = variant_id
    WHERE run_id = :id`,
];

/**
 * Copies some runs into a small database that every table of a report can be made from again: scores and each item's score, without
 * losses, answers and logs. Runs that stand there already are replaced, others stay.
 * @param source a database of this schema version
 * @param target made where there is none
 * @throws Mm1Error E_STORE where it cannot be written, or is not mm1's
 */
export function copyRuns(source: string, target: string, ids: readonly string[]): void {
  const database = openWritable(target);
  try {
    guard(target, () => {
      database.function('deflate', { deterministic: true }, (bytes) => deflateRawSync(bytes as Buffer, { level: 9 }));
      database.prepare('ATTACH DATABASE ? AS source').run(source);
      database.transaction(() => {
        for (const id of ids) copyRun(database, id);
      })();
      database.exec('DETACH DATABASE source');
      // One file, of the least size: it is for keeping, not for writing to.
      database.pragma('journal_mode = DELETE');
      database.exec('VACUUM');
    });
  } finally {
    database.close();
  }
}

function copyRun(database: Database, id: string): void {
  database.prepare('DELETE FROM main.runs WHERE id = ?').run(id);
  const largest = (table: string) =>
    (database.prepare(`SELECT coalesce(max(id), 0) AS id FROM main.${table}`).get() as { id: number }).id;
  const numbers = { id, variants: largest('variants'), trials: largest('trials') };
  for (const sql of TABLES) {
    const wanted = Object.fromEntries(Object.entries(numbers).filter(([name]) => sql.includes(`:${name}`)));
    database.prepare(sql).run(wanted);
  }
}
