/**
 * Stands for a cluster's nodes in bench:slurm: a process that is told of batches, and of each of their stages says and publishes what a task would,
 * a second after it began.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventWriter } from '../../dist/run/executors/slurm/events.js';
import { StageCache } from '../../dist/store/cache.js';

const [root, events] = process.argv.slice(2);
const cache = new StageCache(root);

async function task(key) {
  const { tell, close } = eventWriter(events, key);
  tell({ type: 'started', host: 'node', job: '1', engine: { name: 'none' } });
  for (let done = 1; done <= 10; done++) {
    await sleep(100);
    tell({ type: 'progress', progress: { done, total: 10 } });
    tell({ type: 'metrics', rows: [{ step: done, name: 'loss', value: 1 / done }] });
  }
  const folder = cache.begin(key);
  writeFileSync(join(folder, 'weights'), key);
  await cache.publish(folder, { key, kind: 'pretrain', title: key, seconds: 1, summary: {} });
  tell({ type: 'published' });
  close();
}

process.on('message', async ({ keys }) => {
  await Promise.all(keys.map(task));
  process.send({ done: keys });
});
