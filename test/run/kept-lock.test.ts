import { setTimeout as sleep } from 'node:timers/promises';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { KeptLock } from '../../src/run/kept-lock.js';
import { Store } from '../../src/store/store.js';
import { temporaryFolder } from '../store/fixtures.js';

const folder = temporaryFolder();
afterAll(folder.remove);

test('a lock that is kept has signs of life; where another machine took it, that is told once', async () => {
  const store = Store.open(`${folder.path}/mm1.sqlite`);
  const database = new SqliteDatabase(store.file);
  const sign = () => database.prepare('SELECT taken_at FROM locks').pluck().get() as string;
  store.takeLock('plan a');
  const first = sign();
  let told = 0;
  const kept = new KeptLock(store, 'plan a', () => told++, 20);
  await expect.poll(() => sign() > first).toBe(true);
  expect(kept.isLost).toBe(false);
  database.prepare("UPDATE locks SET host = 'elsewhere'").run();
  await expect.poll(() => kept.isLost).toBe(true);
  await sleep(80);
  expect(told).toBe(1);
  kept.end();
  database.close();
  store.close();
});
