/**
 * What a task of a second says and publishes, for bench:slurm.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventWriter } from '../../dist/run/executors/slurm/events.js';
import { StageCache } from '../../dist/store/cache.js';

/** @param root of the cache @param events folder of what tasks say */
export async function computeSecond(root, events, key) {
  const cache = new StageCache(root);
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
