// Measures how long trainings wait for their data at nano, 336 px, and prints it beside the promise: under 2% of the
// pre-training's time. Encoder and language model are trained for a few steps alone, to be there.
//   npm run build && npm run bench:waiting        20 steps, frozen encoder: about 4 minutes on 2 cores
//   npm run bench:waiting -- --steps 100 --pixels  with an encoder that learns from pixels

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';

const MOST = 2;
const cli = resolve(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const { values: asked } = parseArgs({
  options: { steps: { type: 'string', default: '20' }, pixels: { type: 'boolean', default: false } },
});

const folder = mkdtempSync(join(tmpdir(), 'mm1-bench-waiting-'));
try {
  const grid = {
    question: 'How long does a training wait for its data?',
    scale: 'nano',
    seeds: [0],
    base: {
      encoder: { resolution: 336, steps: 10, pictures: 300 },
      language_model: { steps: 20 },
      data: { documents: 200, text_documents: 500 },
      training: { steps: Number(asked.steps), warmup: 1 },
    },
    axes: { 'training.freeze': [asked.pixels ? [] : ['encoder']] },
    evaluation: { tasks: ['emoji-caption-unseen'], shots: [0] },
  };
  writeFileSync(join(folder, 'grid.yaml'), JSON.stringify(grid));
  const args = [cli, 'ablate', 'grid.yaml', '--runs-dir', 'runs'];
  const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`mm1 ablate ended with status ${status}`);
  const store = new Database(join(folder, 'runs', 'mm1.sqlite'), { readonly: true });
  const stages = store.prepare('SELECT kind, title, seconds, summary FROM stages').all();
  store.close();
  const rows = stages.flatMap(({ kind, title, seconds, summary }) => {
    const waiting = JSON.parse(summary)['waiting for data, %'];
    if (waiting === undefined) return [];
    const row = { stage: title, seconds: Math.round(seconds), 'waiting for data, %': Number(waiting.toFixed(2)) };
    return [kind === 'pretrain' ? { ...row, 'promised, %': MOST, holds: waiting < MOST } : row];
  });
  console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`);
  console.table(rows);
  if (rows.some(({ holds }) => holds === false)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
