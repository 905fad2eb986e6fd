import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import 'sharp'; // its library must be loaded before a thread loads it, or it goes when the thread goes
import type { Batch } from './arrays.js';
import type { MadeBatch } from './batch-source.js';
import type { Batches } from './batches.js';
import { errorOf } from './fault.js';
import type { FromThread, ToThread } from './serve.js';

/**
 * Batches that a thread of their own makes ahead of the training: a step of a native engine blocks the thread that it runs
 * in. The thread alone never keeps the process alive.
 * @param entry module that serves batches to its parent's port
 * @param data what that module is started with: plain
 * @throws what opening the batches' source threw
 */
export async function batchesInThread<B extends Batch>(entry: URL, data: unknown): Promise<Batches<B>> {
  // Options of this process, such as a script of its command line, are not the thread's.
  const thread = new Worker(entry, { workerData: data, execArgv: [] });
  const messages = on(thread, 'message', { close: ['exit'] });
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  const post = (message: ToThread) => thread.postMessage(message);

  /** The next message, in order; a fault is thrown. */
  async function receive(): Promise<Exclude<FromThread, { type: 'failed' }>> {
    thread.ref();
    const next = await messages.next().finally(() => thread.unref());
    if (next.done) throw new Error('the thread that makes batches has ended');
    const [message] = next.value as [FromThread];
    if (message.type === 'failed') throw errorOf(message.fault);
    return message;
  }

  async function close(): Promise<void> {
    thread.ref();
    post({ type: 'close' });
    await ended;
  }

  try {
    const opened = await receive();
    if (opened.type !== 'opened') throw new Error(`the thread that makes batches began with ${opened.type}`);
    return {
      facts: opened.facts,
      begin: (span) => post({ type: 'begin', span }),
      async next() {
        const message = await receive();
        if (message.type !== 'made') throw new Error(`a batch was due, and ${message.type} came`);
        post({ type: 'taken' });
        return message.made as MadeBatch<B>;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
