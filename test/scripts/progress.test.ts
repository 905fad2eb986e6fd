import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const { sizeOf } = (await import(new URL('../../scripts/engine/progress.mjs', import.meta.url).href)) as {
  sizeOf(folder: string): number;
};

test('the size of a folder is that of all files below it, and 0 where there is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-size-'));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'one'), Buffer.alloc(1000));
  writeFileSync(join(folder, 'a/b/two'), Buffer.alloc(23));
  expect(sizeOf(folder)).toBe(1023);
  expect(sizeOf(join(folder, 'gone'))).toBe(0);
});

test('it is read while another process makes and removes folders there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-size-'));
  writeFileSync(join(folder, 'stays'), Buffer.alloc(1000));
  const script = `
    const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
    for (let i = 0; ; i++) {
      const top = ${JSON.stringify(folder)} + '/' + (i % 7);
      mkdirSync(top + '/b/c', { recursive: true });
      writeFileSync(top + '/b/c/file', 'x');
      rmSync(top, { recursive: true });
    }`;
  const churn = spawn(process.execPath, ['-e', script]);
  try {
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (const end = Date.now() + 3000; Date.now() < end; ) {
      const size = sizeOf(folder);
      [least, most] = [Math.min(least, size), Math.max(most, size)];
    }
    expect(least).toBeGreaterThanOrEqual(1000);
    expect(most).toBeGreaterThan(1000);
  } finally {
    const ended = new Promise((end) => churn.once('close', end));
    churn.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, maxRetries: 5 });
  }
});
