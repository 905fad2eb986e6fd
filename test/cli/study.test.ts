import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Store } from '../../src/store/store.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';
import { ITEMS, PROVENANCE, SCORES, twoByTwo } from '../store/fixtures.js';

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage();
});
afterAll(() => built.remove());

it('mm1 export study adds runs to a file, and mm1 report and compare read it by --db', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-study-'));
  const store = Store.open(join(folder, 'runs', 'mm1.sqlite'));
  const ids = ['one', 'two'].map((name) => {
    const { id } = store.beginRun(twoByTwo(folder, name), PROVENANCE);
    for (const trial of store.trials(id)) store.finishTrial(trial.id, 1, SCORES, ITEMS);
    return id;
  });
  store.close();
  const mm1 = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [built.cli, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout;
  };
  for (const id of ids)
    expect(mm1('export', 'study', '--run', id, '--output', 'study.sqlite')).toContain('study.sqlite: 1 run, ');
  // What it cannot tell is where it was run.
  const told = (text: string) => JSON.parse(text.replaceAll(/"(host|command)": "[^"]*"/g, '"$1": ""')) as unknown;
  for (const id of ids) {
    const whole = mm1('report', '--run', id, '--format', 'json');
    expect(told(mm1('report', '--db', 'study.sqlite', '--run', id, '--format', 'json'))).toEqual(told(whole));
  }
  expect(mm1('compare', ...ids, '--db', 'study.sqlite')).toBe(mm1('compare', ...ids));
  expect(mm1('report', '--db', 'study.sqlite', '--run', ids[0]!, '--format', 'html')).toBe(`${ids[0]}.html\n`);
  expect(readFileSync(join(folder, `${ids[0]}.html`), 'utf8')).toContain('</html>');
});
