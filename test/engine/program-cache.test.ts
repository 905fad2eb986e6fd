import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEngine } from '../../src/engine/index.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';

/** A process that compiles one step, and tells what it gives. */
const SCRIPT = `
  const { openEngine } = await import(process.argv[1] + '/engine/index.js');
  const { compile } = await import(process.argv[1] + '/engine/compile.js');
  await openEngine(undefined, process.argv[2]);
  const tf = await import('@tensorflow/tfjs-core');
  const deep = compile('deep', ({ x }) => {
    let y = x;
    for (let i = 0; i < 40; i++) y = tf.add(tf.softmax(tf.matMul(y, x)), tf.mul(tf.tanh(y), 0.5));
    return tf.sum(y);
  });
  const value = deep({ x: tf.linspace(-1, 1, 64).reshape([8, 8]) }).dataSync()[0];
  console.log(JSON.stringify({ value }));
`;

describe.skipIf(chooseEngine().name !== 'tensorflow')('compiled programs on the disk', () => {
  const root = mkdtempSync(join(tmpdir(), 'mm1-programs-'));
  let built: BuiltPackage;
  beforeAll(() => {
    built = buildPackage();
  });
  afterAll(() => built.remove());
  const run = (): { value: number } => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT, join(built.root, 'dist'), root], {
      encoding: 'utf8',
      env: { ...process.env, MM1_COMPILE: 'xla' },
      cwd: built.root,
    });
    expect(child.stderr).toBe('');
    return JSON.parse(child.stdout);
  };
  const folder = () => join(root, readdirSync(root)[0]!);
  const programs = () => readdirSync(folder()).filter((name) => name.endsWith('.pb'));

  it('serve the next process, which says nothing of them and comes to the same', () => {
    const first = run();
    expect(programs().length).toBeGreaterThan(0);
    for (const name of programs()) expect(readdirSync(folder())).toContain(`${name}.sha256`);
    const before = programs().map((name) => readFileSync(join(folder(), name)));
    const second = run();
    expect(second.value).toBe(first.value);
    expect(programs().map((name) => readFileSync(join(folder(), name)))).toEqual(before);
  });

  it.each<[string, (file: string) => void]>([
    ['cut short', (file) => truncateSync(file, 1000)],
    [
      'with flipped bytes',
      (file) =>
        writeFileSync(
          file,
          readFileSync(file).map((byte, i) => (i > 5000 ? byte ^ 90 : byte)),
        ),
    ],
    ['empty', (file) => writeFileSync(file, '')],
  ])('that are damaged are compiled again: %s', (_, damage) => {
    const whole = run();
    for (const name of programs()) damage(join(folder(), name));
    expect(run().value).toBe(whole.value);
    expect(run().value).toBe(whole.value);
  });
});
