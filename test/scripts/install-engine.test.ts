import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tensorflow } from '../../src/engine/tensorflow/index.js';
import {
  copyPackage,
  type Ending,
  install,
  linkLibraries,
  makeNvidiaSmi,
  makePath,
  makeWheel,
} from './package-copy.js';

const LINUX = process.platform === 'linux' && process.arch === 'x64';

let root: string;
const folders: string[] = [];
beforeEach(() => {
  root = copyPackage();
  folders.push(root);
});
afterEach(() => {
  // The compiler of a killed install may still be at work.
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const path = (programs: readonly string[]): string => {
  const folder = makePath(programs);
  folders.push(folder);
  return folder;
};

/** What stands in the store, but for the log. */
const store = (): string[] =>
  readdirSync(join(root, '.engine'))
    .filter((name) => name !== 'install.log')
    .sort();
const linkOfBinding = () => join(root, 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node');

/** It gave up: status 0, one line that says why, and nothing left but the reason. */
function expectRefusal(ending: Ending, reason: RegExp): void {
  expect(ending.status).toBe(0);
  expect(ending.stderr).toMatch(/^mm1 engine: TensorFlow is not installed: .*; the wasm engine serves\n$/);
  expect(ending.stderr).toMatch(reason);
  expect(store()).toEqual(['refusal.json']);
  expect(existsSync(linkOfBinding())).toBe(false);
  const { reason: kept } = JSON.parse(readFileSync(join(root, '.engine/refusal.json'), 'utf8')) as { reason: string };
  expect(ending.stderr).toContain(kept);
}

test('MM1_SKIP_ENGINE=1 skips it', async () => {
  expectRefusal(await install(root, { MM1_SKIP_ENGINE: '1' }), /MM1_SKIP_ENGINE is set/);
});

describe.runIf(LINUX)('on Linux x64', () => {
  test('without python3', async () => {
    expectRefusal(await install(root, { PATH: path(['g++']) }), /there is no python3/);
  });

  test('without a compiler', async () => {
    expectRefusal(await install(root, { PATH: path(['python3']), CXX: '' }), /there is no C\+\+ compiler/);
  });

  test('by hand it is a failure', async () => {
    const ending = await install(root, { CXX: 'no-such-compiler' }, undefined, ['--best']);
    expect(ending.status).toBe(1);
    expectRefusal({ ...ending, status: 0 }, /CXX names does not run/);
  });

  test('with a driver too old for CUDA: by npm the other build is tried, by hand it ends there', async () => {
    const smi = makeNvidiaSmi('470.82.01');
    folders.push(smi);
    const PATH = `${smi}:${process.env.PATH}`;
    const byNpm = await install(root, { PATH });
    expect(byNpm.stdout).toContain(
      'the CUDA build is not possible (the NVIDIA driver is 470.82.01, and CUDA 12 needs 525.60.13 or later)',
    );
    expectRefusal(byNpm, /pip could not download tensorflow-cpu==/);
    const byHand = await install(root, { PATH }, undefined, ['--cuda']);
    expect(byHand.status).toBe(1);
    expectRefusal({ ...byHand, status: 0 }, /the NVIDIA driver is 470\.82\.01/);
  });

  test('with a driver that is new enough: the wheel for CUDA is asked for, and then the other', async () => {
    const smi = makeNvidiaSmi('525.105.17');
    folders.push(smi);
    const { stdout, stderr } = await install(root, { PATH: `${smi}:${process.env.PATH}` });
    expect(stdout).toMatch(/the CUDA build is not possible \(pip could not download tensorflow==2\.21\.0/);
    expect(stderr).toMatch(/pip could not download tensorflow-cpu==2\.21\.0/);
  });

  test('with a CXX that does not run', async () => {
    expectRefusal(await install(root, { CXX: 'no-such-compiler -O3' }), /CXX names does not run: no-such-compiler -O3/);
  });

  test('without the wheel', async () => {
    expectRefusal(
      await install(root),
      /pip could not download tensorflow-cpu==2\.21\.0: No matching distribution found/,
    );
  });

  test('with a damaged wheel', async () => {
    writeFileSync(join(root, 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'), 'half a downl');
    expectRefusal(await install(root), /pip could not download/);
  });

  test('with a wheel whose libraries are none', async () => {
    makeWheel(root, 1);
    expectRefusal(await install(root), /the binding does not compile/);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s while unpacking leaves nothing', async (signal) => {
    makeWheel(root, 400);
    const ending = await install(root, {}, { at: 'libtensorflow_cc.so.2', with: signal });
    expect(ending.status).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(store()).toEqual([]);
  });

  test('SIGKILL while unpacking leaves nothing that is taken for whole, and the next install clears it away', async () => {
    makeWheel(root, 400);
    const ending = await install(root, {}, { at: 'libtensorflow_cc.so.2', with: 'SIGKILL' });
    expect(ending.signal).toBe('SIGKILL');
    expect(store()).toEqual([expect.stringMatching(/^tmp-/)]);
    expectRefusal(await install(root, { PIP_FIND_LINKS: '/nowhere' }), /pip could not download/);
  });

  test('a running install keeps its temporary folder when another starts', async () => {
    await install(root, {});
    const [name] = /** what a live process of this machine would have made */ [
      `tmp-${hostPart()}-${process.pid}-abcdef`,
    ];
    mkdirSync(join(root, '.engine', name));
    await install(root, {});
    expect(store()).toEqual(['refusal.json', name]);
  });
});

/** The host's part in the name of a temporary folder. */
const hostPart = (): string =>
  readFileSync('/proc/sys/kernel/hostname', 'utf8')
    .trim()
    .replace(/[^A-Za-z0-9.]/g, '.');

const missing = tensorflow.missing();
describe.skipIf(missing !== null)(
  `from TensorFlow's real libraries (skipped where it is not installed: ${missing})`,
  () => {
    const modules = (): string[] => store().filter((name) => name.startsWith('binding-'));

    test('compiles, proves and stamps; done already it returns at once, without pip; a new node_modules gets its link back', async () => {
      linkLibraries(root);
      const first = await install(root);
      expect(first.stderr).toBe('');
      expect(first.stdout).toMatch(/compiling the binding\n.*is in place after \d+ s\n$/);
      expect(store()).toEqual([expect.stringMatching(/^binding-/), 'engine.json', 'tensorflow-2.21.0-cpu']);
      expect(realpathSync(linkOfBinding())).toBe(
        realpathSync(join(root, '.engine', modules()[0]!, 'tfjs_binding.node')),
      );

      const again = await install(root, { PATH: path([]) });
      expect(again).toMatchObject({
        status: 0,
        stdout: 'mm1 engine: TensorFlow 2.21.0 (cpu) is in place\n',
        stderr: '',
      });

      rmSync(linkOfBinding());
      await install(root, { PATH: path([]) });
      expect(lstatSync(linkOfBinding()).isSymbolicLink()).toBe(true);

      // Another version of the binding's sources is compiled anew, and the old one goes.
      const before = modules();
      writeFileSync(join(root, 'node_modules/@tensorflow/tfjs-node-gpu/binding/utils.h'), '\n', { flag: 'a' });
      expect((await install(root)).stdout).toContain('compiling the binding');
      expect(modules()).toHaveLength(1);
      expect(modules()).not.toEqual(before);
    });

    test('--cuda that fails leaves what stood, whole, and says so', async () => {
      linkLibraries(root);
      await install(root);
      const before = store();
      const ending = await install(root, {}, undefined, ['--cuda']);
      expect(ending.status).toBe(1);
      expect(ending.stderr).toMatch(
        /^mm1 engine: not installed: pip could not download tensorflow==2\.21\.0.*; TensorFlow 2\.21\.0 \(cpu\) stays\n$/,
      );
      expect(store()).toEqual(before);
      expect(lstatSync(linkOfBinding()).isSymbolicLink()).toBe(true);
      expect((await install(root)).stdout).toBe('mm1 engine: TensorFlow 2.21.0 (cpu) is in place\n');
    });

    test('SIGKILL while compiling: no stamp; the next install ends whole', async () => {
      linkLibraries(root);
      const ending = await install(root, {}, { at: 'quiet.node', with: 'SIGKILL' });
      expect(ending.signal).toBe('SIGKILL');
      expect(store().filter((name) => !name.startsWith('tmp-'))).toEqual(['tensorflow-2.21.0-cpu']);
      expect((await install(root)).stdout).toContain('is in place after');
      expect(store()).toEqual([expect.stringMatching(/^binding-/), 'engine.json', 'tensorflow-2.21.0-cpu']);
    });

    test('a damaged library is found by the proof and taken away', async () => {
      linkLibraries(root);
      await install(root);
      // Never through a hard link: that would damage the checkout's own library.
      const library = join(root, '.engine/tensorflow-2.21.0-cpu/tensorflow/libtensorflow_framework.so.2');
      const half = readFileSync(library).subarray(0, statSync(library).size / 2);
      rmSync(library);
      writeFileSync(library, half);
      truncateSync(library, half.length);
      expectRefusal(await install(root), /pip could not download/);
    });
  },
);
