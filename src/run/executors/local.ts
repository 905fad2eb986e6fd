import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../engine/index.js';
import { Mm1Error } from '../../errors.js';
import type { FromWorker, ToWorker } from '../messages.js';
import type { Executor, Outcome, StageRequest } from './executor.js';

const WORKER = fileURLToPath(new URL('../worker.js', import.meta.url));

interface Worker {
  readonly process: ChildProcess;
  readonly engine: Engine;
}

/**
 * Starts a worker process of this machine. A worker that dies fails the stage it was at, and the next stage gets a new one.
 * @param programs folder that workers keep compiled programs in
 * @throws Mm1Error E_ENGINE and its like where no engine can be opened
 */
export async function localExecutor(programs: string): Promise<Executor> {
  let worker = await startWorker(programs);
  let stopped = false;
  const { engine } = worker;

  function post(message: ToWorker): void {
    if (worker.process.connected) worker.process.send(message);
  }

  async function compute(request: StageRequest): Promise<Outcome> {
    if (stopped) return { type: 'stopped' };
    if (hasEnded(worker.process)) worker = await startWorker(programs);
    const { process: child } = worker;
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        child.off('message', onMessage).off('exit', onExit);
        resolve(outcome);
      };
      const onMessage = (message: FromWorker) => {
        if (message.type === 'progress') request.onProgress(message.progress);
        else if (message.type === 'note') request.onNote(message.text);
        else if (message.type === 'metrics') request.onMetrics(message.rows);
        else if (message.type === 'done' || message.type === 'failed' || message.type === 'stopped') settle(message);
      };
      const onExit = (status: number | null, signal: string | null) => {
        if (stopped) return settle({ type: 'stopped' });
        const how = signal ? `was ended by ${signal}` : `ended with status ${status}`;
        const message = `the worker process ${how} (out of memory, if nobody ended it by hand)`;
        settle({ type: 'failed', fault: { code: 'E_WORKER', message, stack: null } });
      };
      child.on('message', onMessage).on('exit', onExit);
      const { stage, folder, checkpoints, parents, places } = request;
      post({ type: 'stage', stage, folder, checkpoints, parents, places });
    });
  }

  return {
    engine,
    compute,
    stop() {
      stopped = true;
      post({ type: 'stop' });
    },
    close() {
      stopped = true;
      worker.process.kill('SIGKILL');
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function startWorker(programs: string): Promise<Worker> {
  const child = fork(WORKER, [programs], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', (message: FromWorker) => {
      child.removeAllListeners('exit');
      if (message.type === 'ready') return resolve({ process: child, engine: message.engine });
      child.kill('SIGKILL');
      const fault = message.type === 'refused' ? message.fault : null;
      reject(refusal(fault?.message ?? `it said ${message.type} before it was ready`));
    });
    child.once('exit', (status, signal) => reject(refusal(`it ended with ${signal ?? `status ${status}`}`)));
  });
}

function refusal(why: string): Mm1Error {
  return new Mm1Error(`no worker could be started: ${why}`, {
    code: 'E_WORKER',
    remedy: 'Run "mm1 engine" to see what this machine can compute with.',
  });
}
