import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { Mm1Error } from '../../src/errors.js';
import { MIGRATIONS } from '../../src/store/migrations.js';
import { openReadable, openWritable } from '../../src/store/open.js';
import { APPLICATION_ID, migrate, schemaVersion } from '../../src/store/schema.js';
import { Store } from '../../src/store/store.js';
import { PROVENANCE, temporaryFolder, twoByTwo } from './fixtures.js';

const folder = temporaryFolder();
afterAll(folder.remove);
const path = (name: string) => join(folder.path, name);

function fault(action: () => unknown): Mm1Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Mm1Error) return error;
    throw error;
  }
  throw new Error('no error');
}

test('a new database is WAL, ours, and of the newest version', () => {
  const file = path('deep/er/mm1.sqlite');
  Store.open(file).close();
  const database = new SqliteDatabase(file, { readonly: true });
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
  expect(schemaVersion(database)).toBe(MIGRATIONS.length);
  database.close();
});

test('where other machines may see it, its journal is one that they can share, and a reader sees what is written meanwhile', () => {
  const file = path('shared/mm1.sqlite');
  const writer = openWritable(file, true);
  expect(writer.pragma('journal_mode', { simple: true })).toBe('delete');
  const reader = openReadable(file);
  const count = reader.prepare('SELECT count(*) FROM locks').pluck();
  expect(count.get()).toBe(0);
  writer.exec("INSERT INTO locks VALUES ('a', 1, '1', 'here', '2026')");
  expect(count.get()).toBe(1);
  expect(readdirSync(path('shared'))).toEqual(['mm1.sqlite']);
  reader.close();
  writer.close();
  Store.open(file).close(); // brought to a disk of one machine
  const database = new SqliteDatabase(file, { readonly: true });
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  database.close();
});

test('opening again keeps everything', () => {
  const file = path('again.sqlite');
  const first = Store.open(file);
  const { id } = first.beginRun(twoByTwo(folder.path), PROVENANCE);
  first.close();
  const second = Store.open(file);
  expect(second.run('latest').id).toBe(id);
  second.close();
});

describe('a folder that cannot be written', () => {
  test('a file stands in its place', () => {
    writeFileSync(path('file'), 'mine');
    for (const file of [path('file/mm1.sqlite'), path('file/runs/mm1.sqlite')]) {
      const error = fault(() => Store.open(file));
      expect(error.code).toBe('E_STORE');
      expect(error.remedy).toContain('--runs-dir');
    }
    expect(readFileSync(path('file'), 'utf8')).toBe('mine');
  });

  test('a folder stands in the place of the file', () => {
    mkdirSync(path('mm1.sqlite'));
    expect(fault(() => Store.open(path('mm1.sqlite'))).code).toBe('E_STORE');
    expect(fault(() => Store.openReadOnly(path('mm1.sqlite'))).code).toBe('E_STORE');
  });

  // Not even root writes there, as root may in any folder whose permissions say otherwise.
  test.skipIf(process.platform !== 'linux')('a file system that takes no files', () => {
    for (const file of ['/proc/mm1.sqlite', '/proc/runs/mm1.sqlite']) {
      const error = fault(() => Store.open(file));
      expect(error.code).toBe('E_STORE');
      expect(error.remedy).toContain('--runs-dir');
    }
  });
});

describe("a file that is not mm1's", () => {
  test('no database at all', () => {
    writeFileSync(path('text.sqlite'), 'this is a text and long enough for a header of a hundred bytes. '.repeat(3));
    for (const open of [Store.open, Store.openReadOnly]) {
      const error = fault(() => open(path('text.sqlite')));
      expect(error.code).toBe('E_STORE');
      expect(error.message).toContain('not a SQLite database');
    }
    expect(readFileSync(path('text.sqlite'), 'utf8')).toMatch(/^this is a text/);
  });

  test("another program's database stays as it is", () => {
    const other = new SqliteDatabase(path('other.sqlite'));
    other.exec('CREATE TABLE photos (id)');
    other.close();
    const before = readFileSync(path('other.sqlite'));
    for (const open of [Store.open, Store.openReadOnly]) {
      expect(fault(() => open(path('other.sqlite'))).message).toContain('not made by mm1');
    }
    expect(readFileSync(path('other.sqlite')).equals(before)).toBe(true);
  });

  test('a damaged one is told from a bug', () => {
    const file = path('damaged.sqlite');
    const store = Store.open(file);
    const plan = twoByTwo(folder.path);
    for (let count = 0; count < 30; count++) store.beginRun(plan, PROVENANCE);
    store.close();
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096);
    writeFileSync(file, bytes);
    const error = fault(() => Store.openReadOnly(file).runs());
    expect(error.code).toBe('E_STORE');
    expect(error.message).toContain('damaged');
  });
});

describe('reading', () => {
  test('no file: says how to start a run, and makes none', () => {
    const error = fault(() => Store.openReadOnly(path('none/mm1.sqlite')));
    expect(error.code).toBe('E_NO_RUNS');
    expect(error.remedy).toContain('mm1 ablate');
    expect(existsSync(path('none'))).toBe(false);
  });

  test('an empty file that was just made has no runs yet', () => {
    writeFileSync(path('blank.sqlite'), '');
    expect(fault(() => Store.openReadOnly(path('blank.sqlite'))).code).toBe('E_NO_RUNS');
  });

  test('never writes', () => {
    const file = path('read.sqlite');
    Store.open(file).close();
    const reader = Store.openReadOnly(file);
    expect(fault(() => reader.beginRun(twoByTwo(folder.path), PROVENANCE)).code).toBe('E_STORE');
    expect(reader.runs()).toEqual([]);
    reader.close();
  });
});

describe('migrations', () => {
  const history = ['CREATE TABLE a (x)', 'ALTER TABLE a ADD COLUMN y', "UPDATE a SET y = 'new'"];
  const columns = (database: SqliteDatabase.Database) =>
    database.prepare("SELECT name FROM pragma_table_info('a')").pluck().all();

  test('bring an old file up to date step by step, and keep its rows', () => {
    const database = new SqliteDatabase(path('old.sqlite'));
    migrate(database, 'old', history.slice(0, 1));
    expect(schemaVersion(database)).toBe(1);
    database.exec('INSERT INTO a VALUES (1)');
    migrate(database, 'old', history);
    expect(schemaVersion(database)).toBe(3);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 'new' }]);
    migrate(database, 'old', history);
    expect(schemaVersion(database)).toBe(3);
    database.close();
  });

  test('a step that fails leaves the version before it, whole', () => {
    const database = new SqliteDatabase(path('half.sqlite'));
    const broken = [history[0] ?? '', 'ALTER TABLE a ADD COLUMN y; SELECT no_such_function()'];
    expect(() => migrate(database, 'half', broken)).toThrow('no_such_function');
    expect(schemaVersion(database)).toBe(1);
    expect(columns(database)).toEqual(['x']);
    migrate(database, 'half', history);
    expect(columns(database)).toEqual(['x', 'y']);
    database.close();
  });

  test('version 1 had neither shots nor groups: its rows say so', () => {
    const file = path('first.sqlite');
    const database = new SqliteDatabase(file);
    migrate(database, file, MIGRATIONS.slice(0, 1));
    const old = (table: string, row: Record<string, string | number>) =>
      database
        .prepare(`INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map((name) => `@${name}`)})`)
        .run(row);
    const evaluation = JSON.stringify({ tasks: ['emoji-caption', 'emoji-question-unseen'], shots: [0], items: 2 });
    const texts = { name: 'old', scale: 'smoke', plan_hash: 'p', grid_path: 'g', grid_text: '' };
    old('runs', { id: 'r', ...texts, status: 'done', axes: '[]', seeds: '[0]', evaluation, started_at: '2026' });
    old('launches', { run_id: 'r', started_at: '2026', provenance: JSON.stringify(PROVENANCE) });
    old('variants', { id: 1, run_id: 'r', position: 0, key: 'k', settings: '{}', recipe: '{}' });
    old('trials', { id: 5, variant_id: 1, seed: 0, status: 'done' });
    const asked = [
      { task: 'emoji-caption', metric: 'CIDEr-D', condition: 'image' },
      { task: 'emoji-caption', metric: 'CIDEr-D', condition: 'blind' },
      { task: 'emoji-caption-unseen', metric: 'CIDEr-D', condition: 'image' },
      { task: 'emoji-question-unseen', metric: 'VQA accuracy', condition: 'image' },
    ];
    for (const each of asked) {
      old('scores', { trial_id: 5, shots: 0, ...each, value: 1.5, items: 1, chance: 0.5 });
      const answer = { item: 'i', prompt: 'p', output: 'o', reference_list: '["r"]', value: 1.5 };
      old('item_scores', { trial_id: 5, shots: 0, ...each, ...answer });
    }
    database.close();

    // Also a reader brings it up to date.
    const store = Store.openReadOnly(file);
    expect(store.run('r').evaluation).toEqual({
      tasks: [{ name: 'emoji-caption' }, { name: 'emoji-question-unseen' }],
      shots: [0],
      demonstration_seeds: 1,
      items: 2,
      prompts: {},
    });
    const common = { shots: 0, demonstrationSeed: 0, value: 1.5 };
    const now = asked.map((each) => ({
      ...each,
      condition: each.condition === 'image' ? 'asked' : 'blind',
      ...common,
    }));
    expect(store.scores('r')).toEqual(
      now.map((each) => ({
        ...each,
        trialId: 5,
        group: each.metric === 'CIDEr-D' ? 'captioning' : 'vqa',
        lowerIsBetter: false,
        items: 1,
        chance: 0.5,
        demonstrations: [],
        itemValues: Float64Array.of(1.5),
      })),
    );
    expect(store.items(5)).toEqual(
      now.map((each) => ({ ...each, item: 'i', demonstrationList: 0, prompt: 'p', output: 'o', references: ['r'] })),
    );
    store.close();
    const after = new SqliteDatabase(file, { readonly: true });
    expect(after.pragma('foreign_key_check')).toEqual([]);
    expect(after.pragma('integrity_check', { simple: true })).toBe('ok');
    after.close();
  });

  test('a newer schema is refused and stays as it is', () => {
    const file = path('newer.sqlite');
    Store.open(file).close();
    const database = new SqliteDatabase(file);
    database.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    for (const open of [Store.open, Store.openReadOnly]) {
      const error = fault(() => open(file));
      expect(error.code).toBe('E_STORE');
      expect(error.message).toContain(`schema version ${MIGRATIONS.length + 1}`);
    }
    const after = new SqliteDatabase(file);
    expect(schemaVersion(after)).toBe(MIGRATIONS.length + 1);
    after.close();
  });
});
