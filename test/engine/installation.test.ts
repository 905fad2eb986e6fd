import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildPackage } from '../built-package.js';
import type { Answer } from './answer.js';

let root: string;
beforeAll(() => {
  root = buildPackage('none').root;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(join(root, '.engine'), { recursive: true, force: true });
  mkdirSync(join(root, '.engine', 'broken'), { recursive: true });
});

/** A stamp whose files are there: a module that keeps quiet, and a package that throws when it is loaded. */
function stamp(changes: Record<string, unknown> = {}): void {
  const quiet = 'exports.hold = () => {}; exports.release = () => "";';
  writeFileSync(join(root, '.engine/quiet.cjs'), quiet);
  writeFileSync(
    join(root, '.engine/broken/index.js'),
    'throw new Error("libtensorflow_cc.so.2: cannot open shared object file");',
  );
  const whole = {
    tensorflow: '2.21.0',
    build: 'cpu',
    platform: `${process.platform}-${process.arch}`,
    package: '.engine/broken',
    quiet: '.engine/quiet.cjs',
    files: { '.engine/quiet.cjs': quiet.length },
  };
  writeFileSync(join(root, '.engine/engine.json'), JSON.stringify({ ...whole, ...changes }));
}

/** Opens the engine in a process of its own and prints its name, or the error as a person sees it. */
function open(engine: string): Answer {
  const script = `
    import { openEngine } from ${JSON.stringify(join(root, 'dist/engine/index.js'))};
    try { console.log((await openEngine()).name); } catch (error) { console.log(error.format()); }`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, MM1_ENGINE: engine },
  });
}

test('where nothing is installed wasm serves, without a word', () => {
  expect(open('')).toMatchObject({ status: 0, stdout: 'wasm\n', stderr: '' });
});

test('tensorflow by force, not installed: says why, and the command that installs it', () => {
  writeFileSync(join(root, '.engine/refusal.json'), '{"reason":"there is no C++ compiler"}');
  const { stdout } = open('tensorflow');
  expect(stdout).toMatch(/^E_ENGINE: .*not installed: there is no C\+\+ compiler\n/);
  expect(stdout).toContain(`node ${join(root, 'scripts/install-engine.mjs')}`);
});

test.each([
  ['a file of another length', { files: { '.engine/quiet.cjs': 3 } }, 'damaged: .engine/quiet.cjs'],
  ['a file that is gone', { files: { '.engine/gone.so': 3 } }, 'damaged: .engine/gone.so'],
  ['another platform', { platform: 'plan9-mips' }, 'installed for plan9-mips'],
  ['an unreadable stamp', { build: 'rocm' }, '.engine/engine.json cannot be read'],
])('%s is not taken for an installation', (_, changes, reason) => {
  stamp(changes);
  expect(open('').stdout).toBe('wasm\n');
  expect(open('tensorflow').stdout).toContain(reason);
});

test('what does not load gives way to wasm with a warning, and by force is an error', () => {
  stamp();
  const fallback = open('');
  expect(fallback.stdout).toBe('wasm\n');
  expect(fallback.stderr).toMatch(/EngineWarning: tensorflow does not load.*cannot open shared object file/);
  expect(open('tensorflow').stdout).toMatch(/^E_ENGINE: the engine tensorflow cannot be used: libtensorflow_cc/);
});
