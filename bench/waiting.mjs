// Measures how long each training waits for its batches at nano, 336 px, and prints it beside the promise: under 2% of
// its time, the first step with it, whose batch nobody makes ahead.
//   npm run build && npm run bench:waiting   100 steps each, frozen encoder: about 4 minutes on 2 cores
//   npm run bench:waiting -- --pixels        with an encoder that learns from pixels: about 6

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';

const MOST = 2;
const cli = resolve(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const { values: asked } = parseArgs({
  options: {
    steps: { type: 'string', default: '100' },
    pixels: { type: 'boolean', default: false },
  },
});

const steps = Number(asked.steps);

const folder = mkdtempSync(join(tmpdir(), 'mm1-bench-waiting-'));
try {
  const grid = {
    question: 'How long does a training wait for its data?',
    scale: 'nano',
    seeds: [0],
    base: {
      encoder: { resolution: 336, steps, pictures: 300 },
      language_model: { steps },
      data: { documents: 200, text_documents: 500 },
      training: { steps, warmup: 1 },
    },
    axes: { 'training.freeze': [asked.pixels ? [] : ['encoder']] },
    evaluation: { tasks: ['emoji-caption-unseen'], shots: [0] },
  };
  writeFileSync(join(folder, 'grid.yaml'), JSON.stringify(grid));
  const args = [cli, 'ablate', 'grid.yaml', '--runs-dir', 'runs'];
  const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`mm1 ablate ended with status ${status}`);
  const store = new Database(join(folder, 'runs', 'mm1.sqlite'), { readonly: true });
  const stages = store.prepare('SELECT title, seconds, summary FROM stages').all();
  store.close();
  const rows = stages.flatMap(({ title, seconds, summary }) => {
    const said = JSON.parse(summary);
    const waiting = said['waiting for data, %'];
    if (waiting === undefined) return [];
    return {
      stage: title,
      'seconds a step': Number((seconds / steps).toFixed(3)),
      'in the first step, s': Number(said['waiting in the first step, s'].toFixed(3)),
      'waiting, %': Number(waiting.toFixed(2)),
      'promised, %': MOST,
      holds: waiting < MOST,
    };
  });
  console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`);
  console.table(rows);
  if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
