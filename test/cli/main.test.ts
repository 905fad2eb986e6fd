import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printFault } from '../../src/cli/fail.js';
import { runCommandLine } from '../../src/cli/program.js';
import { Mm1Error } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';

/** Runs a command line in this process. */
async function run(...argv: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const status = await runCommandLine(argv, collect('stdout'), collect('stderr'));
  return { status, ...written };
}

describe('help and version', () => {
  test('--help lists every command', async () => {
    const { status, stdout, stderr } = await run('--help');
    expect([status, stderr]).toEqual([0, '']);
    for (const command of ['ablate', 'report', 'engine'])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} +\\w`, 'm'));
    expect(stdout).toContain('mm1 ablate configs/smoke.yaml');
  });

  test.each([
    ['ablate', ['--scale', '--seeds', '--runs-dir']],
    ['report', ['--run', '--format', '--runs-dir']],
    ['engine', ['--json']],
  ])("%s --help lists the command's own options", async (command, options) => {
    for (const argv of [
      [command, '--help'],
      ['help', command],
    ]) {
      const { status, stdout } = await run(...argv);
      expect(status).toBe(0);
      expect(stdout).toContain(`Usage: mm1 ${command}`);
      for (const option of options) expect(stdout).toContain(option);
    }
  });

  test("--version prints the package's version", async () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
    expect(await run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong usage ends with status 2 and names what is near', () => {
  test.each([
    [
      'an unknown command',
      ['abalte'],
      /E_USAGE: unknown command 'abalte'\n\(Did you mean ablate\?\)\n {2}"mm1 --help"/,
    ],
    [
      'an unknown option',
      ['report', '--fromat', 'json'],
      /E_USAGE: unknown option '--fromat'\n\(Did you mean --format\?\)\n {2}"mm1 report --help"/,
    ],
    ['an option of no command', ['--vresion'], /E_USAGE: unknown option '--vresion'\n\(Did you mean --version\?\)/],
    ['an option without its value', ['report', '--run'], /E_USAGE: option '--run <id>' argument missing/],
    ['a value that is no choice', ['report', '--format', 'xml'], /E_USAGE: .*'xml' is invalid/],
    ['too many arguments', ['engine', 'now'], /E_USAGE: too many arguments/],
  ])('%s', async (_, argv, expected) => {
    const { status, stdout, stderr } = await run(...argv);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(expected);
    expect(stderr.match(/E_USAGE/g)).toHaveLength(1);
  });

  test('no command at all prints the help, on standard error', async () => {
    const { status, stdout, stderr } = await run();
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: mm1');
    expect(stderr).toContain('E_USAGE: no command was given');
  });
});

describe('faults', () => {
  const printed = (error: unknown): [number, string] => {
    let text = '';
    const status = printFault(error, {
      write: (more) => {
        text += more;
      },
    });
    return [status, text];
  };

  test('that a person can mend show code, place and remedy, and no stack', () => {
    const error = new Mm1Error('it is wrong', { code: 'E_SOME', where: 'here', remedy: 'Mend it.' });
    expect(printed(error)).toEqual([1, 'E_SOME: it is wrong\n  at here\n  Mend it.\n']);
  });

  test('that are bugs show their stack, say so, and end with 70', () => {
    const [status, text] = printed(new TypeError('x is undefined'));
    expect(status).toBe(70);
    expect(text).toMatch(/^TypeError: x is undefined\n +at .*\n[\s\S]*E_BUG: this is a bug in mm1/);
    expect(printed('a word')).toEqual([70, expect.stringMatching(/^a word\nE_BUG/)]);
  });
});

describe('as a process', () => {
  let built: BuiltPackage;
  beforeAll(() => {
    built = buildPackage();
  });
  afterAll(() => built.remove());

  const mm1 = (...argv: string[]) =>
    spawnSync(process.execPath, [built.cli, ...argv], { cwd: built.root, encoding: 'utf8' });

  test('a missing record: code and remedy on standard error, status 1, no stack', () => {
    const { status, stdout, stderr } = mm1('report', '--runs-dir', 'nowhere');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^E_NO_RUNS: .*\n {2}at nowhere.mm1\.sqlite\n {2}.*mm1 ablate.*\n$/);
  });

  test('a wrong grid: every problem, status 1', () => {
    writeFileSync(join(built.root, 'bad.yaml'), 'seeds: [0, 0]\nscael: nano\n');
    const { status, stdout, stderr } = mm1('ablate', 'bad.yaml');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('E_GRID: 2 problems in bad.yaml');
    expect(stderr).toContain('bad.yaml:2:1: unknown key "scael": did you mean "scale"?');
  });

  test('wrong usage: status 2', () => {
    expect(mm1('ablate').status).toBe(2);
    expect(mm1('ablate', 'configs/smoke.yaml', '--seeds', 'one').status).toBe(2);
  });

  test('a status that a command sets itself is kept', () => {
    const command = `import { Command } from 'commander';
      export const reportCommand = () => new Command('report').action(() => { process.exitCode = 130; });`;
    writeFileSync(join(built.root, 'dist', 'cli', 'report.js'), command);
    expect(mm1('report').status).toBe(130);
  });

  test('a bug in a command: its stack and status 70', () => {
    // An engine whose file is broken stands for any bug.
    writeFileSync(join(built.root, 'dist', 'cli', 'engine.js'), 'throw new TypeError("broken");\n');
    const { status, stderr } = mm1('engine');
    expect(status).toBe(70);
    expect(stderr).toMatch(/TypeError: broken\n[\s\S]*E_BUG/);
  });

  test('--help loads commander and nothing else that is large', () => {
    const hooks = `export async function resolve(name, context, next) {
      const found = await next(name, context);
      if (!found.url.startsWith('node:')) (await import('node:fs')).writeSync(2, found.url + '\\n');
      return found;
    }`;
    const preload = `import { register } from 'node:module';
      register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hooks))});`;
    writeFileSync(join(built.root, 'preload.mjs'), preload);
    const { status, stderr } = spawnSync(process.execPath, ['--import', './preload.mjs', built.cli, '--help'], {
      cwd: built.root,
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    const loaded = stderr.split('\n').filter((line) => line.startsWith('file:'));
    expect(loaded.some((url) => url.endsWith('/dist/cli/main.js'))).toBe(true);
    const packages = loaded.flatMap((url) => url.match(/node_modules\/([^/]+)/)?.[1] ?? []);
    expect([...new Set(packages)]).toEqual(['commander']);
    expect(
      loaded.filter(
        (url) => url.includes('/dist/') && !/\/(cli\/(main|program|fail)|errors|package-root)\.js$/.test(url),
      ),
    ).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('a reader that stops reading is no fault', async () => {
    const child = spawn(process.execPath, [built.cli, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [status] = await once(child, 'close');
    expect([status, stderr]).toEqual([0, '']);
  });
});
