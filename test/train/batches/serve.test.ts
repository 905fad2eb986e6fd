import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { Mm1Error } from '../../../src/errors.js';
import type { Batch } from '../../../src/train/batches/arrays.js';
import type { BatchSource } from '../../../src/train/batches/batch-source.js';
import { batchesHere } from '../../../src/train/batches/batches.js';
import { errorOf } from '../../../src/train/batches/fault.js';
import { AHEAD, type FromThread, serveBatches, type ToThread } from '../../../src/train/batches/serve.js';

/** What a source was asked for, and what the training's end of the port has heard. */
function serving(changes: Partial<BatchSource<Batch>> = {}, opening: Promise<unknown> = Promise.resolve()) {
  const events: string[] = [];
  const given: Float32Array[] = [];
  const source: BatchSource<Batch> = {
    facts: { pictures: 3 },
    async make(step, part) {
      events.push(`${step} ${part}`);
      await sleep(1);
      const values = Float32Array.of(step, part);
      given.push(values);
      // Two tensors of one buffer, as views of it.
      const arrays = { x: { values, shape: [2] }, first: { values: values.subarray(0, 1), shape: [1] } };
      return { arrays, data: { drawn: events.length } };
    },
    restore: (data) => void events.push(`restore ${data}`),
    close: async () => void events.push('close'),
    ...changes,
  };
  const { port1, port2 } = new MessageChannel();
  serveBatches(
    port1,
    opening.then(() => batchesHere(source)),
  );
  const heard: FromThread[] = [];
  port2.on('message', (message: FromThread) => heard.push(message));
  return { events, given, heard, ...ends(port2) };
}

function ends(port: MessagePort) {
  const closed = once(port, 'close');
  return {
    say: (message: ToThread) => port.postMessage(message),
    /** Ends the conversation, once the other end is done. */
    async end() {
      port.postMessage({ type: 'close' } satisfies ToThread);
      await closed;
    },
  };
}

const span = { first: 0, steps: 4, parts: 2, data: null };

it('makes batches in order, no more ahead than it may, and each once', async () => {
  const { events, heard, say, end } = serving();
  await sleep(30);
  expect([heard, events]).toEqual([[{ type: 'opened', facts: { pictures: 3 } }], []]);
  say({ type: 'begin', span });
  await sleep(60);
  expect(events).toEqual(['0 0', '0 1']);
  expect(AHEAD).toBe(2);
  say({ type: 'taken' });
  await sleep(40);
  expect(events).toEqual(['0 0', '0 1', '1 0']);
  for (let i = 0; i < 9; i++) say({ type: 'taken' });
  await sleep(60);
  const all = ['0 0', '0 1', '1 0', '1 1', '2 0', '2 1', '3 0', '3 1'];
  expect(events).toEqual(all);
  const made = heard.slice(1).map((message) => message.type === 'made' && message.made);
  expect(made).toEqual(
    all.map((at, i) => {
      const values = Float32Array.from(at.split(' ').map(Number));
      const arrays = { x: { values, shape: [2] }, first: { values: values.subarray(0, 1), shape: [1] } };
      return { arrays, data: { drawn: i + 1 } };
    }),
  );
  await end();
  expect(events.at(-1)).toBe('close');
});

it('moves the values, and copies none', async () => {
  const { given, say, end } = serving();
  say({ type: 'begin', span });
  await sleep(40);
  expect(given.map(({ length }) => length)).toEqual([0, 0]);
  await end();
});

it('goes on at a step from what the source had remembered', async () => {
  const { events, say, end } = serving();
  say({ type: 'begin', span: { first: 3, steps: 4, parts: 1, data: 'seven' } });
  say({ type: 'taken' });
  await sleep(40);
  expect(events).toEqual(['restore seven', '3 0']);
  await end();
});

it('says at its turn that a batch cannot be made, and makes no more', async () => {
  const asked: number[] = [];
  const broken = new Mm1Error('A picture is damaged', { code: 'E_IMAGE', where: 'a.bin', remedy: 'Remove it.' });
  const { heard, say, end } = serving({
    async make(step) {
      asked.push(step);
      if (step === 1) throw broken;
      return { arrays: {}, data: null };
    },
  });
  say({ type: 'begin', span: { ...span, parts: 1 } });
  for (let i = 0; i < 3; i++) say({ type: 'taken' });
  await sleep(40);
  expect(asked).toEqual([0, 1]);
  expect(heard.map(({ type }) => type)).toEqual(['opened', 'made', 'failed']);
  const last = heard[2]!;
  const error = errorOf((last as Extract<FromThread, { type: 'failed' }>).fault);
  expect(error).toBeInstanceOf(Mm1Error);
  expect(error).toMatchObject({ code: 'E_IMAGE', where: 'a.bin', remedy: 'Remove it.', status: 1 });
  expect([error.message, error.stack]).toEqual([broken.message, broken.stack]);
  await end();
});

it('says why it could not open, once, and still ends when it is told to', async () => {
  const { events, heard, say, end } = serving(
    {},
    sleep(10).then(() => Promise.reject(new TypeError('no such thing'))),
  );
  say({ type: 'begin', span });
  await sleep(40);
  expect(heard[0]).toMatchObject({ type: 'failed', fault: { message: 'no such thing', options: null } });
  expect(errorOf((heard[0] as Extract<FromThread, { type: 'failed' }>).fault)).not.toBeInstanceOf(Mm1Error);
  await end();
  expect(events).toEqual([]);
});

it('that is closed early makes what it is at, and nothing after it', async () => {
  const { events, say, end } = serving();
  say({ type: 'begin', span });
  await end();
  expect(events).toEqual(['0 0', 'close']);
});
