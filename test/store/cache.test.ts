import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { StageCache, type StageManifest } from '../../src/store/cache.js';

const KEY = 'abcdef012345';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mm1-cache-'));
});

async function publish(cache: StageCache): Promise<void> {
  const folder = cache.begin(KEY);
  writeFileSync(join(folder, 'weights'), 'twelve bytes');
  writeFileSync(join(folder, 'index.json'), '{}');
  await cache.publish(folder, { key: KEY, kind: 'encoder', title: 'an encoder', seconds: 1, summary: { loss: 2 } });
}

it('finds what was published, and nothing before', async () => {
  const cache = new StageCache(root);
  expect(await cache.find(KEY)).toBeNull();
  await publish(cache);
  expect(await cache.find(KEY)).toMatchObject({ key: KEY, seconds: 1, files: { weights: { bytes: 12 } } });
  expect(readdirSync(root)).toEqual([KEY]);
});

it.each([
  [
    'flipped bytes',
    (folder: string) => writeFileSync(join(folder, 'weights'), 'twelve bytez'),
    'weights has other bytes',
  ],
  ['a longer file', (folder: string) => appendFileSync(join(folder, 'weights'), '!'), 'weights has another length'],
  ['a missing file', (folder: string) => rmSync(join(folder, 'weights')), 'weights is missing'],
  ['a torn manifest', (folder: string) => writeFileSync(join(folder, 'stage.json'), '{'), 'stage.json cannot be read'],
])('says what is damaged, and a new result takes its place: %s', async (_, damage, words) => {
  const cache = new StageCache(root);
  await publish(cache);
  damage(cache.folder(KEY));
  expect(await cache.find(KEY)).toEqual({ damage: words });
  await publish(cache);
  expect(await cache.find(KEY)).toMatchObject({ key: KEY });
});

it('of two copies of a stage the first to be there stays, and the other one goes', async () => {
  const cache = new StageCache(root);
  const late = join(root, 'writing-another-1-copy');
  mkdirSync(late);
  writeFileSync(join(late, 'weights'), 'twelve bytes');
  await publish(cache);
  const { summary, seconds } = (await cache.find(KEY)) as StageManifest;
  const there = await cache.publish(late, { key: KEY, kind: 'encoder', title: 'late', seconds: 99, summary });
  expect(there.seconds).toBe(seconds);
  expect(await cache.find(KEY)).toMatchObject({ seconds });
  expect(readdirSync(root)).toEqual([KEY]);
});

it('sweeps what a dead process was writing, and leaves a living one alone', () => {
  const living = new StageCache(root).begin(KEY);
  const host = hostname().replace(/[^A-Za-z0-9.]/g, '.');
  const dead = join(root, `writing-${host}-999999999-abc`);
  const elsewhere = join(root, 'writing-another-999999999-abc'); // nobody here knows whether it lives
  for (const folder of [dead, elsewhere]) mkdirSync(folder);
  new StageCache(root);
  expect(existsSync(dead)).toBe(false);
  expect(existsSync(elsewhere)).toBe(true);
  expect(existsSync(living)).toBe(true);
});

it('a folder that cannot be made is E_CACHE', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => new StageCache(join(root, 'file', 'cache'))).toThrow(expect.objectContaining({ code: 'E_CACHE' }));
});
