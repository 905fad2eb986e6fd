import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineReport } from '../../src/engine/survey.js';
import { tensorflow } from '../../src/engine/tensorflow/index.js';
import { webgpu } from '../../src/engine/webgpu.js';
import { buildPackage } from '../built-package.js';
import type { Answer } from '../engine/answer.js';

let real: string;
let none: string;
beforeAll(() => {
  real = buildPackage('real').root;
  none = buildPackage('none').root;
});
afterAll(() => {
  for (const root of [real, none]) rmSync(root, { recursive: true, force: true });
});

/** `mm1 engine` with some arguments, in a process of its own. */
function engine(root: string, args: readonly string[], name = ''): Answer {
  const script = `
    import { engineCommand } from ${JSON.stringify(join(root, 'dist/cli/engine.js'))};
    await engineCommand().parseAsync(${JSON.stringify(args)}, { from: 'user' });`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, MM1_ENGINE: name },
  });
}

interface Report {
  readonly engines: readonly EngineReport[];
  readonly used: { readonly name: string; readonly reason: string };
}

test('without TensorFlow: wasm is measured and used, and the reason stands beside the other', () => {
  const { status, stdout, stderr } = engine(none, ['--json']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { engines, used } = JSON.parse(stdout) as Report;
  expect(engines.map(({ name, usable }) => [name, usable])).toEqual([
    ['tensorflow', false],
    ['webgpu', expect.any(Boolean)],
    ['wasm', true],
  ]);
  expect(engines[0]?.reason).toContain('not installed');
  expect(engines[2]?.gflops).toBeGreaterThan(0);
  expect(used.name).toBe('wasm');
});

describe.skipIf(tensorflow.missing() !== null)(
  `with TensorFlow (skipped where it is not installed: ${tensorflow.missing()})`,
  () => {
    test('all are measured that are there, the native one is used, and not a word of chatter is printed', () => {
      const { status, stdout, stderr } = engine(real, []);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^\* {2}tensorflow +2\.21\.0 +[\d.]+ [GT]FLOP\/s +[\d.]+ GB {2}\S/m);
      expect(stdout).toMatch(/^ {3}wasm +\d+\.\d+\.\d+ +[\d.]+ GFLOP\/s +[\d.]+ GB {2}\S/m);
      expect(stdout).toMatch(/^\* tensorflow is used: it is installed/m);
      expect(stdout.trimEnd().split('\n').length).toBeGreaterThanOrEqual(6); // more where there is a GPU
    });

    test('MM1_ENGINE=wasm moves the mark', () => {
      const { used } = JSON.parse(engine(real, ['--json'], 'wasm').stdout) as Report;
      expect(used).toEqual({ name: 'wasm', reason: 'MM1_ENGINE is wasm' });
    });
  },
);

// Where its packages are, a GPU may be there too: then it is used.
test.skipIf(webgpu.missing() === null)(
  'webgpu without its packages is refused, with the command that brings them',
  () => {
    const { status, stderr } = engine(real, [], 'webgpu');
    expect(status).not.toBe(0);
    expect(stderr).toMatch(
      /the package webgpu is not installed[\s\S]*npm install webgpu@0\.6 @tensorflow\/tfjs-backend-webgpu@/,
    );
  },
);

test('a bad MM1_ENGINE is refused before anything is measured', () => {
  const { status, stderr } = engine(none, [], 'gpu');
  expect(status).not.toBe(0);
  expect(stderr).toContain('E_ENGINE');
});

test.skipIf(webgpu.missing() !== null)(
  `webgpu asked for by hand is said to be used where it can be (skipped: ${webgpu.missing()})`,
  () => {
    const { status, stdout } = engine(real, [], 'webgpu');
    expect(status).toBe(0);
    const usable = !/^\* {2}webgpu .*not usable: /m.test(stdout);
    expect(stdout).toMatch(
      usable
        ? /^\* webgpu is used: MM1_ENGINE is webgpu\.$/m
        : /^\* webgpu cannot be used, and nothing is trained here as long as MM1_ENGINE is webgpu\.$/m,
    );
  },
);
