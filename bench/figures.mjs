// Measures what a person waits for, and prints it beside what was promised.
//   npm run bench                  help, install again, smoke on both engines
//   npm run bench -- --install     also `npm ci` in a fresh copy without any engine
//   npm run bench -- --connector   also configs/connector.yaml with one seed, in a fresh runs folder

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const cli = join(root, 'dist', 'cli', 'main.js');
const { values: asked } = parseArgs({ options: { install: { type: 'boolean' }, connector: { type: 'boolean' } } });
const rows = [];

function seconds(command, args, options = {}) {
  const start = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'ignore', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}`);
  return (performance.now() - start) / 1000;
}

function measure(what, limit, times, run) {
  process.stderr.write(`${what} ...\n`);
  const all = Array.from({ length: times }, run).sort((a, b) => a - b);
  const median = all[Math.floor(times / 2)];
  rows.push({ what, 'median s': Number(median.toFixed(2)), 'limit s': limit, runs: times, holds: median < limit });
}

function ablate(grid, engine, ...more) {
  const runs = mkdtempSync(join(tmpdir(), 'mm1-bench-'));
  try {
    const env = { ...process.env, MM1_ENGINE: engine };
    return seconds(process.execPath, [cli, 'ablate', grid, '--runs-dir', runs, ...more], { env });
  } finally {
    rmSync(runs, { recursive: true });
  }
}

measure('mm1 --help', 0.25, 11, () => seconds(process.execPath, [cli, '--help']));
measure('engine installed already', 1, 3, () => seconds(process.execPath, [join(root, 'scripts/install-engine.mjs')]));
measure('smoke.yaml, tensorflow', 60, 1, () => ablate('configs/smoke.yaml', 'tensorflow'));
measure('smoke.yaml, wasm', 300, 1, () => ablate('configs/smoke.yaml', 'wasm'));
if (asked.connector) {
  measure('connector.yaml, one seed', 2400, 1, () => ablate('configs/connector.yaml', 'tensorflow', '--seeds', '0'));
}
if (asked.install) {
  measure('npm ci, cold', 300, 1, () => {
    const copy = mkdtempSync(join(tmpdir(), 'mm1-install-'));
    try {
      execFileSync('git', ['clone', '--quiet', root, copy]);
      return seconds('npm', ['ci'], { cwd: copy });
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
}
console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`);
console.table(rows);
if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
