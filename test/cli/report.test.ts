import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from '../report/study.js';

const CACHE = resolve('node_modules', '.cache');
let built: string;

/** The command line as a person runs it: compiled, in a process of its own. */
function mm1(...args: string[]) {
  return spawnSync(process.execPath, [join(built, 'cli', 'main.js'), 'report', ...args], { encoding: 'utf8' });
}

beforeAll(() => {
  mkdirSync(CACHE, { recursive: true });
  // Beside the packages, so that they are found. Types are checked elsewhere.
  built = mkdtempSync(join(CACHE, 'mm1-report-'));
  const config = join(built, 'tsconfig.json');
  const compilerOptions = { rootDir: resolve('src'), outDir: built, declaration: false, noCheck: true };
  const files = [resolve('src/cli/main.ts')];
  writeFileSync(config, JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, files, include: [] }));
  execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'inherit' });
});

afterAll(() => rmSync(built, { recursive: true, force: true }));

describe('mm1 report', () => {
  const { folder, file } = newRunsFolder();
  const axes = [{ path: 'connector.tokens', values: Array.from({ length: 40 }, (_, index) => index + 1) }];
  const writer = Store.open(file);
  const { id } = writer.beginRun(planOf(axes, [0, 1], ['emoji-caption']), PROVENANCE);
  const results = Array.from({ length: 79 }, (_, index) => [rowsOf('emoji-caption', 'asked', [index, index + 2])]);
  finishTrials(writer, id, results);

  afterAll(() => writer.close());

  it('prints the newest run as a table without colour into a pipe', () => {
    const { status, stdout, stderr } = mm1('--runs-dir', folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`run        ${id} (running)\n`);
    expect(stdout).toContain('emoji-caption, 0-shot: CIDEr-D: effect of each axis');
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('prints JSON and nothing else', () => {
    const { status, stdout } = mm1('--run', id, '--format', 'json', '--runs-dir', folder);
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(Object.keys(report)).toEqual([
      'run',
      'margin',
      'axes',
      'variants',
      'tasks',
      'means',
      'costs',
      'grades',
      'rateLaw',
      'published',
      'mixtures',
      'levelCosts',
      'verdict',
    ]);
    expect(report.run).toMatchObject({
      id,
      name: 'study',
      question: 'Does the report say what was measured?',
      status: 'running',
      scale: 'nano',
      engine: PROVENANCE.engine,
      seeds: [0, 1],
      finishedAt: null,
    });
    expect(report.variants).toHaveLength(40);
    expect(report.variants[0]).toEqual({
      number: 1,
      key: 'variant-0',
      settings: { 'connector.tokens': 1 },
      trials: [
        { seed: 0, status: 'done', seconds: 60, error: null },
        { seed: 1, status: 'done', seconds: 60, error: null },
      ],
    });
    expect(report.tasks[0]).toMatchObject({ task: 'emoji-caption', shots: 0, metric: 'CIDEr-D', chance: 5 });
    const first = report.tasks[0]!.variants.find(({ variant }) => variant === 1)!;
    expect(first).toMatchObject({ mean: 1.5, n: 2, blind: null });
    // t(0.975, 1) of the seeds' values 1 and 2 and of the items', 2 apart in both: variances 1/4 and 1.
    expect(first.high).toBeCloseTo(1.5 + 12.706204736174694 * Math.sqrt(1 / 4 + 1), 9);
  });

  it('writes a page beside the runs, or where it is told to, whole', () => {
    const { status, stdout } = mm1('--format', 'html', '--runs-dir', folder);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${join(folder, `${id}.html`)}\n` });
    expect(readFileSync(join(folder, `${id}.html`), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    const output = join(folder, 'report.md');
    expect(mm1('--format', 'markdown', '--output', output, '--runs-dir', folder).status).toBe(0);
    expect(readFileSync(output, 'utf8')).toContain('## emoji-caption');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says at once what cannot be', () => {
    const nowhere = mm1('--output', join(folder, 'no', 'such', 'folder.txt'), '--runs-dir', folder);
    expect(nowhere.status).toBe(1);
    expect(nowhere.stderr).toContain('E_OUTPUT');
    for (const args of [['--margin', '0'], ['--margin', 'much'], ['--open'], ['--variant', '1'], ['--format', 'pdf']]) {
      const { status, stdout, stderr } = mm1(...args, '--runs-dir', folder);
      expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' });
      expect(stderr).toContain('E_USAGE');
    }
  });

  it("prints the JSON of lmms-eval: one variant's, or all by their keys", () => {
    const json = (...args: string[]) => {
      const { status, stdout, stderr } = mm1('--format', 'lmms-eval', '--runs-dir', folder, ...args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const one = json('--variant', '3');
    expect(one).toMatchObject({
      results: { 'emoji-caption': { 'cider_d,none': 5.5 } },
      'n-shot': { 'emoji-caption': 0 },
    });
    const all = json();
    expect(Object.keys(all)).toHaveLength(40);
    expect(all['variant-2']).toEqual(one);
  });

  it('reads while another process writes', () => {
    const [pending] = writer.trials(id).filter(({ status }) => status === 'pending');
    writer.startTrial(pending!.id);
    const { stdout } = mm1('--format', 'json', '--runs-dir', folder);
    expect((JSON.parse(stdout) as Report).run.trials).toMatchObject({ done: 79, running: 1 });
  });

  it('ends quietly when its reader has seen enough', async () => {
    const args = [join(built, 'cli', 'main.js'), 'report', '--format', 'json', '--runs-dir', folder];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const status = await new Promise((done) => child.on('close', done));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each([
    ['a run that does not exist', ['--run', 'no-such-run', '--runs-dir', folder], 1, 'E_RUN_NOT_FOUND', id],
    ['a folder without runs', ['--runs-dir', mkdtempSync(join(tmpdir(), 'mm1-none-'))], 1, 'E_NO_RUNS', 'mm1 ablate'],
    ['an unknown format', ['--format', 'xml'], 2, 'E_USAGE', 'table, markdown, csv, json, latex, html, lmms-eval'],
    ['a variant without lmms-eval', ['--variant', '3', '--runs-dir', folder], 2, 'E_USAGE', '--format lmms-eval'],
    [
      'an unknown variant',
      ['--format', 'lmms-eval', '--variant', 'variant-99', '--runs-dir', folder],
      2,
      'E_USAGE',
      'Did you mean "variant-9"',
    ],
  ])('says what is wrong with %s', (_, args, expected, code, hint) => {
    const { status, stdout, stderr } = mm1(...args);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toContain(code);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
  });
});
