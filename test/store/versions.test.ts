import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { readRun } from '../../src/report/observations.js';
import { summarise } from '../../src/report/results.js';
import { MIGRATIONS } from '../../src/store/migrations.js';
import { schemaVersion } from '../../src/store/schema.js';
import { Store } from '../../src/store/store.js';
import { temporaryFolder } from './fixtures.js';

const folder = temporaryFolder();
afterAll(folder.remove);

/** A run of 2 variants and 2 seeds in each, written by the mm1 of that time; scores were then given values that differ. */
const FILES = join(import.meta.dirname, 'versions');
const VERSIONS = MIGRATIONS.map((_, index) => index + 1);

/** What version 1 called `asked`. */
const renamed = (condition: string) => (condition === 'image' ? 'asked' : condition);

function rawRows<Row>(file: string, sql: string): Row[] {
  const database = new SqliteDatabase(file, { readonly: true });
  const rows = database.prepare(sql).all() as Row[];
  database.close();
  return rows;
}

test('there is a file of every version', () => {
  expect(readdirSync(FILES).sort()).toEqual(VERSIONS.map((version) => `${version}.sqlite`).sort());
});

describe.each(VERSIONS)('a database of schema version %d', (version) => {
  const old = join(FILES, `${version}.sqlite`);
  const copy = (name: string) => {
    const file = join(folder.path, `${version}-${name}.sqlite`);
    copyFileSync(old, file);
    return file;
  };

  test('is of that version', () => {
    const database = new SqliteDatabase(old, { readonly: true });
    expect(schemaVersion(database)).toBe(version);
    database.close();
  });

  test.each(['open', 'openReadOnly'] as const)('is brought up to date by Store.%s with every row', (open) => {
    const file = copy(open);
    const store = Store[open](file);
    const { id } = store.run('latest');
    const scores = rawRows<{ trial_id: number; task: string; condition: string; value: number }>(
      old,
      'SELECT * FROM scores ORDER BY trial_id, task, condition',
    );
    const found = store.scores(id).sort((a, b) => a.trialId - b.trialId || a.task.localeCompare(b.task));
    const told = ({ condition, value }: { condition: string; value: number }) => `${renamed(condition)} ${value}`;
    expect(found.map((row) => `${row.trialId} ${row.task} ${told(row)}`).sort()).toEqual(
      scores.map((row) => `${row.trial_id} ${row.task} ${told(row)}`).sort(),
    );
    const answers = rawRows<{ n: number }>(old, 'SELECT count(*) AS n FROM item_scores')[0]!.n;
    expect(store.trials(id).flatMap((trial) => store.items(trial.id))).toHaveLength(answers);
    const [stage] = rawRows<{ key: string }>(old, "SELECT key FROM stages WHERE kind = 'pretrain' ORDER BY rowid");
    const losses = rawRows<{ value: number }>(
      old,
      `SELECT value FROM metrics WHERE stage_key = '${stage!.key}' AND name = 'loss' ORDER BY step`,
    );
    const metrics = store.metrics(id, stage!.key).filter(({ name }) => name === 'loss');
    expect(metrics.map(({ value }) => value)).toEqual(losses.map(({ value }) => value));
    expect(losses.length).toBeGreaterThan(0);
    store.close();

    const after = new SqliteDatabase(file, { readonly: true });
    expect(schemaVersion(after)).toBe(MIGRATIONS.length);
    expect(after.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(after.pragma('foreign_key_check')).toEqual([]);
    after.close();
  });

  test('is reported', () => {
    const store = Store.openReadOnly(copy('report'));
    const { run, tasks } = summarise(readRun(store, 'latest'));
    store.close();
    expect(run.trials).toMatchObject({ planned: 4, done: 4 });
    // Trials 1 to 4 scored 15 to 45 (in version 1 "image" and since then "asked" have five letters).
    const means = tasks[0]!.variants.map(({ variant, mean }) => [variant, mean]);
    expect(means).toEqual([
      [2, 40],
      [1, 20],
    ]);
  });
});
