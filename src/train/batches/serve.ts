import type { MessagePort } from 'node:worker_threads';
import type { Batch, TensorValues } from './arrays.js';
import type { MadeBatch } from './batch-source.js';
import { type Batches, countBatches, type Span } from './batches.js';
import { type Fault, faultOf } from './fault.js';

/** What a training says to the thread that makes its batches. */
export type ToThread =
  | { readonly type: 'begin'; readonly span: Span }
  /** A batch was taken: another one may be made. */
  | { readonly type: 'taken' }
  | { readonly type: 'close' };

/** What the thread says: that it is open, then batch after batch; a fault in the place of what could not be had, and no more after it. */
export type FromThread =
  | { readonly type: 'opened'; readonly facts: Batches<Batch>['facts'] }
  | { readonly type: 'made'; readonly made: MadeBatch<Batch> }
  | { readonly type: 'failed'; readonly fault: Fault };

/** Batches that are made and not yet taken, at most. */
export const AHEAD = 2;

/** Makes batches ahead of a training at the other end of a port, in order, and hands them over without copying. */
export function serveBatches(port: MessagePort, opening: Promise<Batches<Batch>>): void {
  const post = (message: FromThread, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);
  let room = AHEAD;
  let left = 0;

  let work = Promise.resolve();
  function enqueue(task: (batches: Batches<Batch>) => void | Promise<void>): void {
    work = work
      .then(async () => task(await opening))
      .catch((error: unknown) => {
        left = 0;
        post({ type: 'failed', fault: faultOf(error) });
      });
  }

  async function makeSome(batches: Batches<Batch>): Promise<void> {
    for (; room > 0 && left > 0; room--, left--) {
      const made = await batches.next();
      post({ type: 'made', made }, buffersOf(made));
    }
  }

  port.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'begin':
        left = countBatches(message.span);
        enqueue((batches) => batches.begin(message.span));
        return enqueue(makeSome);
      case 'taken':
        room++;
        return enqueue(makeSome);
      case 'close':
        left = 0;
        enqueue((batches) => batches.close());
        void work.then(() => port.close());
    }
  });
  enqueue(({ facts }) => post({ type: 'opened', facts }));
}

function buffersOf({ arrays }: MadeBatch<Batch>): ArrayBuffer[] {
  const buffers = Object.values<TensorValues>(arrays).map(({ values }) => values.buffer as ArrayBuffer);
  return [...new Set(buffers)];
}
