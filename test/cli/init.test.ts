import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGrid, gridOf } from '../../src/cli/init-questions.js';
import { type NewGrid, newGridText, VARIATIONS } from '../../src/config/new-grid.js';
import { writeNewGrid } from '../../src/run/new-grid.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage();
});
afterAll(() => built.remove());

const folder = () => mkdtempSync(join(tmpdir(), 'mm1-init-'));
const init = (cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [built.cli, 'init', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

describe('mm1 init by flags', () => {
  it('writes a grid that a run takes, with the question, what varies and the seeds', () => {
    const at = folder();
    const { status, stdout, stderr } = init(
      at,
      'mine.yaml',
      '--question',
      'Is "one": enough?',
      '--vary',
      'tokens,freezing',
      '--seeds',
      '3,4',
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('mine.yaml: 4 variants x 2 seeds = 8 trials at scale nano');
    const text = readFileSync(join(at, 'mine.yaml'), 'utf8');
    expect(text).toContain('# Is "one": enough?\n');
    expect(text).toContain('mm1 ablate mine.yaml');
    const planned = spawnSync(process.execPath, [built.cli, 'plan', 'mine.yaml', '--json'], {
      cwd: at,
      encoding: 'utf8',
    });
    expect(JSON.parse(planned.stdout).plan).toMatchObject({ question: 'Is "one": enough?', seeds: [3, 4] });
  });

  it('takes data by a path whose ending tells its format, or as a grid writes it, and asks about other data', () => {
    const at = folder();
    writeFileSync(join(at, 'book.txt'), 'A text.\n');
    writeFileSync(join(at, 'a.tar'), '');
    writeFileSync(join(at, 'b.tar'), '');
    expect(init(at, 'text.yaml', '--data', 'book.txt').stderr).toBe('');
    expect(readFileSync(join(at, 'text.yaml'), 'utf8')).toContain('text_from: [{text: book.txt}]');
    expect(init(at, 'own.yaml', '--data', '{webdataset: a.tar}', '--test', 'b.tar').stderr).toBe('');
    const own = readFileSync(join(at, 'own.yaml'), 'utf8');
    expect(own).toContain('caption_from: [{webdataset: a.tar}]');
    expect(own).toContain('tasks: [{webdataset: b.tar, name: my-captions}]');
  });

  it.each([
    ['a file that is there', ['taken.yaml'], 'E_OUTPUT', 1],
    ['a folder that is not', ['nowhere/grid.yaml'], 'E_OUTPUT', 1],
    ['nothing that varies', ['g.yaml', '--vary', 'conector'], 'did you mean "connector"?', 2],
    ['one thing twice', ['g.yaml', '--vary', 'tokens,tokens'], 'E_USAGE', 2],
    ['no scale', ['g.yaml', '--scale', 'huge'], 'E_USAGE', 2],
    ['no seeds', ['g.yaml', '--seeds', '1,x'], 'E_USAGE', 2],
    ['data that is not there', ['g.yaml', '--data', 'missing.tar'], 'missing.tar', 1],
    ['data of an unknown format', ['g.yaml', '--data', 'data.bin'], 'does not tell the format', 2],
  ])('tells %s, and writes nothing', (_, args, told, expected) => {
    const at = folder();
    writeFileSync(join(at, 'taken.yaml'), 'mine');
    const { status, stderr } = init(at, ...args);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(expected);
    expect(readFileSync(join(at, 'taken.yaml'), 'utf8')).toBe('mine');
    expect(() => readFileSync(join(at, 'g.yaml'))).toThrow('ENOENT');
  });
});

it('any two things can be varied together', () => {
  const at = folder();
  for (const [i, one] of VARIATIONS.entries()) {
    for (const other of VARIATIONS.slice(i)) {
      const grid = gridOf(join(at, `${one.name}-${other.name}.yaml`), {
        vary: one === other ? one.name : `${one.name},${other.name}`,
      });
      expect(writeNewGrid(grid).variants.length).toBeGreaterThan(1);
    }
  }
});

it('more than twelve combinations are varied one at a time', () => {
  const grid = gridOf('g.yaml', { vary: 'connector,tokens,resolution,text' }) satisfies NewGrid;
  expect(newGridText(grid)).toContain('design: one-at-a-time');
  expect(newGridText({ ...grid, vary: grid.vary.slice(0, 3) })).toContain('design: full');
});

it('asks what no flag has said, and checks an answer before the next question', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  output.end = () => output; // as of a terminal, which every prompt ends and none closes
  let shown = '';
  output.on('data', (chunk) => {
    shown += chunk;
  });
  const saw = (text: string) => expect.poll(() => shown, { timeout: 10_000 }).toContain(text);
  const asked = askGrid('g.yaml', { seeds: '7' }, { input, output });
  await saw('What do you want to know?');
  input.write('Why?\n');
  await saw('What is to vary?');
  input.write('\n');
  await saw('Your training data');
  input.write('missing.tar\n');
  await saw('data files missing: missing.tar');
  input.write('\u0015\n');
  await saw('How big?');
  input.write('\n');
  expect(await asked).toEqual({
    question: 'Why?',
    vary: 'connector,tokens',
    data: '',
    test: '',
    scale: 'nano',
    seeds: '7',
  });
});
