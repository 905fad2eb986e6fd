import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRun } from '../../src/report/observations.js';
import { summarise } from '../../src/report/results.js';
import { copyRuns } from '../../src/store/copy-runs.js';
import { Store } from '../../src/store/store.js';
import { ITEMS, PROVENANCE, SCORES, temporaryFolder, twoByTwo } from './fixtures.js';

const folder = temporaryFolder();
afterAll(folder.remove);

describe('a copy of some runs', () => {
  const source = join(folder.path, 'source.sqlite');
  const ids: string[] = [];

  beforeAll(() => {
    const store = Store.open(source);
    for (const name of ['one', 'two', 'three']) {
      const { id } = store.beginRun(twoByTwo(folder.path, name), PROVENANCE);
      ids.push(id);
      store.recordStage({
        ...{
          runId: id,
          key: 'k',
          kind: 'encoder',
          title: 'encoder',
          status: 'done',
          cached: false,
          seconds: 2,
          bytes: 3,
        },
        ...{ error: null, errorCode: null, attempts: 1, log: 'words '.repeat(1000), summary: { loss: 1 } },
      });
      const trials = store.trials(id).slice(0, name === 'three' ? 1 : 4);
      for (const trial of trials) store.finishTrial(trial.id, 1, SCORES, ITEMS, { stages: ['k'] });
    }
    store.close();
  });

  const reports = (file: string) => {
    const store = Store.openReadOnly(file);
    const found = store.runs().map(({ id }) => {
      const { run, ...others } = summarise(readRun(store, id));
      return { ...others, run: { ...run, provenance: { ...run.provenance, host: '', command: '' } } };
    });
    store.close();
    return found;
  };

  it('is reported as they are, whether they came together or one by one', () => {
    const [together, apart] = ['together', 'apart'].map((name) => join(folder.path, `${name}.sqlite`)) as [
      string,
      string,
    ];
    copyRuns(source, together, ids);
    for (const id of ids) copyRuns(source, apart, [id]);
    const expected = reports(source);
    expect(expected).toHaveLength(3);
    expect(reports(together)).toEqual(expected);
    expect(reports(apart)).toEqual(expected);
  });

  it('takes a run again in place of its older copy, and leaves the others', () => {
    const target = join(folder.path, 'again.sqlite');
    copyRuns(source, target, ids);
    const grown = join(folder.path, 'grown.sqlite');
    copyFileSync(source, grown);
    const store = Store.open(grown);
    for (const trial of store.trials(ids[2]!).slice(1))
      store.finishTrial(trial.id, 1, SCORES, ITEMS, { stages: ['k'] });
    store.close();
    copyRuns(grown, target, [ids[2]!]);
    expect(reports(target)).toEqual(reports(grown));
    expect(reports(target)).not.toEqual(reports(source));
    const database = new SqliteDatabase(target, { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
    database.close();
  });

  it('can be copied itself', () => {
    const [first, second] = ['first', 'second'].map((name) => join(folder.path, `${name}.sqlite`)) as [string, string];
    copyRuns(source, first, ids);
    copyRuns(first, second, ids.slice(0, 1));
    expect(reports(second)).toEqual(reports(source).filter(({ run }) => run.id === ids[0]));
  });

  it('holds no answers, no losses, no logs, and nothing of the machine', () => {
    const target = join(folder.path, 'small.sqlite');
    copyRuns(source, target, ids);
    expect(statSync(target).size).toBeLessThan(statSync(source).size);
    const database = new SqliteDatabase(target, { readonly: true });
    for (const table of ['item_scores', 'metrics', 'locks'])
      expect(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 });
    expect(
      database.prepare("SELECT DISTINCT log, (SELECT provenance ->> '$.host' FROM launches) AS host FROM stages").all(),
    ).toEqual([{ log: '', host: '' }]);
    expect(database.pragma('journal_mode', { simple: true })).toBe('delete');
    database.close();
  });

  it('leaves the file of another program as it is', () => {
    const target = join(folder.path, 'other.sqlite');
    const database = new SqliteDatabase(target);
    database.exec('CREATE TABLE mine (a)');
    database.close();
    expect(() => copyRuns(source, target, ids)).toThrow(expect.objectContaining({ code: 'E_STORE' }));
  });
});
