import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StageRequest } from '../../src/run/executors/executor.js';
import type * as Local from '../../src/run/executors/local.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';
import { childrenOf } from './harness.js';

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage();
});
afterAll(() => built.remove());

/** A stage of no kind that there is: a worker that lives fails it at once, with E_BUG. */
const request = { stage: { kind: 'none' }, begin: () => '', onStart() {}, onMetrics() {} } as unknown as StageRequest;

/** Kills a process and waits, without hearing of anything else, until it is dead. */
function killAndWait(pid: number): void {
  process.kill(pid, 'SIGKILL');
  while (!/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
}

/** An executor whose one worker has just died, and that has not heard of it. */
async function withDeadWorker() {
  const { localExecutor } = (await import(join(built.root, 'dist/run/executors/local.js'))) as typeof Local;
  const before = childrenOf(process.pid);
  const executor = await localExecutor({ programs: '', workers: 1, gpus: [], note: () => {} });
  const [worker] = childrenOf(process.pid).filter((pid) => !before.includes(pid));
  killAndWait(worker!);
  return executor;
}

it('a worker that dies in the moment before it is given a stage fails the stage, and the next worker has the next', async () => {
  const executor = await withDeadWorker();
  expect(await executor.compute(request)).toMatchObject({ type: 'failed', fault: { code: 'E_KILLED' } });
  expect(await executor.compute(request)).toMatchObject({ type: 'failed', fault: { code: 'E_BUG' } });
  executor.close();
});

it('a worker that dies in the moment before it is told to stop ends the stage as stopped', async () => {
  const executor = await withDeadWorker();
  executor.stop();
  expect(await executor.compute(request)).toEqual({ type: 'stopped' });
  executor.close();
});

it('a worker whose GPU TensorFlow cannot use is none, for the processor would take its place unsaid: the GPUs are left out one by one', async () => {
  const { localExecutor } = (await import(join(built.root, 'dist/run/executors/local.js'))) as typeof Local;
  const gpus = ['one', 'two'].map((uuid) => ({
    ...{ uuid: `GPU-${uuid}`, name: `the GPU ${uuid}`, memory: 8e9, used: uuid === 'two' ? 4e9 : 0 },
    ...{ driver: '570.86', capability: 9 },
  }));
  const notes: string[] = [];
  const before = childrenOf(process.pid);
  const refused = localExecutor({ programs: '', workers: 2, gpus, note: (text) => void notes.push(text) });
  await expect(refused).rejects.toMatchObject({
    code: 'E_WORKER',
    message: expect.stringContaining('cannot use the GPU the GPU two (driver 570.86)'),
  });
  expect(notes).toEqual([
    'the GPU two: 4.0 GB of 8.0 GB are in use already',
    expect.stringMatching(/^the GPU one is left out: .*cannot use the GPU the GPU one/),
  ]);
  await expect.poll(() => childrenOf(process.pid).filter((pid) => !before.includes(pid))).toEqual([]);
});
