import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { collectProvenance, gitState } from '../../src/plan/provenance.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-provenance-'));
afterAll(() => rmSync(folder, { recursive: true }));

function git(checkout: string, ...parameters: string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  return execFileSync('git', ['-C', checkout, ...identity, ...parameters], { encoding: 'utf8' }).trim();
}

test('says which code, packages, engine and machine', () => {
  const engine = { name: 'wasm', version: '4.22.0', device: 'a processor' };
  const found = collectProvenance(engine, 'mm1 ablate x.yaml');
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  expect(found).toMatchObject({ mm1: version, node: process.version, engine, command: 'mm1 ablate x.yaml' });
  const installed = join(packageRoot(), 'node_modules', 'better-sqlite3', 'package.json');
  expect(found.packages['better-sqlite3']).toBe(JSON.parse(readFileSync(installed, 'utf8')).version);
  expect(Object.keys(found.packages)).toEqual(
    expect.arrayContaining([
      '@huggingface/tokenizers',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-core',
      'sharp',
    ]),
  );
  expect(found.cores).toBeGreaterThan(0);
  expect(found.memoryBytes).toBeGreaterThan(2 ** 20);
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});

describe('git', () => {
  test('commit and dirtiness of a checkout', () => {
    const checkout = join(folder, 'checkout');
    mkdirSync(checkout);
    git(checkout, 'init', '-q');
    expect(gitState(checkout)).toEqual({ commit: null, dirty: null });
    writeFileSync(join(checkout, 'file'), '1');
    git(checkout, 'add', '.');
    git(checkout, 'commit', '-q', '-m', 'first');
    const commit = git(checkout, 'rev-parse', 'HEAD');
    expect(gitState(checkout)).toEqual({ commit, dirty: false });
    writeFileSync(join(checkout, 'file'), '2');
    expect(gitState(checkout)).toEqual({ commit, dirty: true });
  });

  test("a package inside somebody else's checkout has none", () => {
    const inside = join(folder, 'checkout', 'node_modules', 'mm1');
    mkdirSync(inside, { recursive: true });
    expect(gitState(inside)).toEqual({ commit: null, dirty: null });
  });

  test('a folder that is no checkout has none', () => {
    expect(gitState(folder)).toEqual({ commit: null, dirty: null });
  });
});
