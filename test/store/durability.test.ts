import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Store } from '../../src/store/store.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';
import { ITEMS, PROVENANCE, SCORES, temporaryFolder, twoByTwo } from './fixtures.js';

const folder = temporaryFolder();
let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage();
});
afterAll(() => {
  built.remove();
  folder.remove();
});

const ROWS = 20_000;

/** A process that finishes trial 1, and stops for good in the middle of the rows of trial 2. */
const WRITER = `
import { writeSync } from 'node:fs';
import { Store } from './dist/store/store.js';
const [file, scores, item] = process.argv.slice(2).map((text) => text.startsWith('/') ? text : JSON.parse(text));
const store = Store.open(file);
const [first, second] = store.trials(store.run('latest').id);
function* rows(stopAt) {
  for (let index = 0; index < ${ROWS}; index++) {
    if (index === stopAt) {
      writeSync(1, 'in the middle');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    yield { ...item, item: 'item ' + index, output: 'x'.repeat(200) };
  }
}
store.startTrial(first.id);
store.finishTrial(first.id, 1, scores, rows(-1));
store.startTrial(second.id);
store.finishTrial(second.id, 1, scores, rows(${ROWS} - 10));
`;

async function writeHalfATrial(file: string): Promise<ChildProcess> {
  const script = join(built.root, 'writer.mjs');
  writeFileSync(script, WRITER);
  const child = spawn(process.execPath, [script, file, JSON.stringify(SCORES), JSON.stringify(ITEMS[0])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(said)).toBe('in the middle');
  return child;
}

test('a writer killed in the middle of a trial leaves whole trials alone, and readers read meanwhile', async () => {
  const file = join(folder.path, 'mm1.sqlite');
  const store = Store.open(file);
  const run = store.beginRun(twoByTwo(folder.path), PROVENANCE);
  store.close();

  const child = await writeHalfATrial(file);
  // The transaction is larger than SQLite's page cache: half of it is in the log on the disk already.
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(2 ** 20);
  const reader = Store.openReadOnly(file);
  const [first, second] = reader.trials(run.id);
  expect([first?.status, second?.status]).toEqual(['done', 'running']);
  expect(reader.items(first?.id ?? 0)).toHaveLength(ROWS);
  expect(reader.items(second?.id ?? 0)).toHaveLength(0);

  child.kill('SIGKILL');
  await once(child, 'exit');
  reader.close();

  const database = new SqliteDatabase(file);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();

  const after = Store.open(file);
  expect(after.unfinishedRun(run.planHash)?.id).toBe(run.id);
  after.resumeRun(run.id, PROVENANCE, false);
  expect(after.trials(run.id).map(({ status }) => status)).toEqual(['done', 'pending', 'pending', 'pending']);
  expect(after.scores(run.id)).toHaveLength(SCORES.length);
  const done = after.items(after.trials(run.id)[0]!.id);
  expect(done).toHaveLength(ROWS);
  after.finishTrial(second?.id ?? 0, 1, SCORES, done);
  expect(after.items(second?.id ?? 0)).toEqual(done);
  after.close();
});
