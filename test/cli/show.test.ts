import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AskedTasks, ShownAnswers } from '../../src/report/answers.js';
import { Store } from '../../src/store/store.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from '../report/study.js';

let built: BuiltPackage;

/** The command line as a person runs it: compiled, in a process of its own, without any engine. */
function show(...args: string[]) {
  return spawnSync(process.execPath, [built.cli, 'show', ...args], { encoding: 'utf8' });
}

function json(...args: string[]): unknown {
  const { status, stdout, stderr } = show('--json', ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

beforeAll(() => {
  built = buildPackage('none');
});

afterAll(() => built.remove());

describe('mm1 show', () => {
  const { folder, file } = newRunsFolder();
  const axes = [{ path: 'connector.tokens', values: [64, 144] }];
  const store = Store.open(file);
  const { id } = store.beginRun(planOf(axes, [0], ['emoji-caption'], [0, 4]), PROVENANCE);
  const values = Array.from({ length: 30 }, (_, index) => 100 - index);
  const trial = [
    rowsOf('emoji-caption', 'asked', values),
    rowsOf('emoji-caption', 'blind', values.toReversed()),
    rowsOf('emoji-caption', 'asked', [3, 1, 2], { shots: 4 }),
  ];
  finishTrials(store, id, [trial, trial]);
  store.close();
  const variant = ['--runs-dir', folder, '--variant', '2'];
  const task = [...variant, '--task', 'emoji-caption'];

  it('lists the tasks where none is named', () => {
    const { status, stdout, stderr } = show(...variant);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^emoji-caption +0 +CIDEr-D +30 +85\.5 +85\.5 +-$/m);
    expect(json(...variant)).toMatchObject({
      ...{ run: id, variant: { number: 2, key: 'variant-1' } },
      tasks: [
        { task: 'emoji-caption', shots: 0, mean: 85.5 },
        { task: 'emoji-caption', shots: 4, mean: 2 },
      ],
    } satisfies { [Key in keyof AskedTasks]: unknown });
  });

  it('prints twenty items, the worst first, plainly into a pipe', () => {
    const { status, stdout, stderr } = show(...task, '--run', id);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.match(/item-\d+$/gm)).toEqual(Array.from({ length: 20 }, (_, index) => `item-${29 - index}`));
    expect(stdout).toContain(
      'prompt        <picture-29> Is it?\nreferences    "yes" "so it is"\nseed 0        [71.0] yes, 71\n',
    );
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    [['--best', '--limit', '2'], 'best', ['item-0', 'item-1']],
    [['--condition', 'blind', '--limit', '1'], 'worst', ['item-0']],
    [['--shots', '4'], 'worst', ['item-1', 'item-2', 'item-0']],
  ])('takes %j', (options, first, items) => {
    const shown = json(...task, ...options) as ShownAnswers;
    expect(shown.first).toBe(first);
    expect(shown.items.map(({ item }) => item)).toEqual(items);
  });

  it.each([
    ['a run that does not exist', ['--run', 'no-such-run', ...task], 1, 'E_RUN_NOT_FOUND', id],
    ['a folder without runs', ['--runs-dir', mkdtempSync(join(tmpdir(), 'mm1-none-'))], 1, 'E_NO_RUNS', 'mm1 ablate'],
    ['no variant of two', ['--runs-dir', folder], 2, 'E_USAGE', '1 to 2'],
    ['a variant that does not exist', ['--runs-dir', folder, '--variant', 'varant-1'], 2, 'E_USAGE', '"variant-1"'],
    ['a task that does not exist', [...variant, '--task', 'emoji-captions'], 2, 'E_USAGE', '"emoji-caption"'],
    ['shots that were not asked', [...task, '--shots', '8'], 2, 'E_USAGE', '0, 4'],
    ['a condition that was not measured', [...task, '--condition', 'shuffled'], 2, 'E_USAGE', '--condition'],
    ['a condition that does not exist', [...task, '--condition', 'deaf'], 2, 'E_USAGE', 'asked, blind, shuffled'],
    ['no items', [...task, '--limit', '0'], 2, 'E_USAGE', '--limit 20'],
  ])('says what is wrong with %s', (_, args, expected, code, hint) => {
    const { status, stdout, stderr } = show(...args);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(code);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
  });
});
