// Measures what the runner itself costs, and prints it beside what is promised.
//   npm run build && npm run bench:runner
// 1. 1,000 trials whose stages do nothing: seconds of the head for each, and its memory.
// 2. 1,000,000 rows of metrics written while another process reads; then `mm1 report` of that run.

import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadGrid } from '../dist/config/load.js';
import { runGrid } from '../dist/run/run-grid.js';
import { SCORES_FILE } from '../dist/run/stages/evaluate.js';
import { databaseFile } from '../dist/store/place.js';
import { Store } from '../dist/store/store.js';

const TRIALS = 1000;
const ROWS = 1_000_000;
/** Rows that a worker sends at a time. */
const SENT = 1000;
const SILENT = { grid() {}, stageStarted() {}, stageProgress() {}, stageEnded() {}, note() {}, close() {} };

function planOf(folder, values) {
  const grid = join(folder, 'grid.yaml');
  writeFileSync(grid, `scale: smoke\nseeds: [0]\naxes: {training.steps: [${values.join(', ')}]}\n`);
  return loadGrid(grid);
}

/** An executor whose stages are done at once. */
function nothingDone() {
  return {
    engine: { name: 'tensorflow', version: '-', device: '-' },
    workers: 1,
    async compute({ stage, folder }) {
      const content = stage.kind === 'evaluate' ? JSON.stringify({ scores: [], items: [] }) : '';
      writeFileSync(join(folder, stage.kind === 'evaluate' ? SCORES_FILE : 'nothing'), content);
      return { type: 'done', summary: {}, seconds: 0 };
    },
    stop() {},
    close() {},
  };
}

async function scheduling(folder) {
  const plan = planOf(
    folder,
    Array.from({ length: TRIALS }, (_, i) => i + 100),
  );
  const start = performance.now();
  const { status } = await runGrid({
    ...{ plan, runsFolder: join(folder, 'runs'), executor: nothingDone(), screen: SILENT, command: 'bench' },
    ...{ stopping: () => false, retryFailed: false, failFast: false },
  });
  if (status !== 'done') throw new Error(`the run ended ${status}`);
  const each = (performance.now() - start) / TRIALS;
  const memory = process.resourceUsage().maxRSS / 1024;
  return [
    { what: `${TRIALS} trials of nothing, ms each`, measured: each.toFixed(1), promised: '< 20', holds: each < 20 },
    { what: 'memory of the head, MB', measured: Math.round(memory), promised: '< 300', holds: memory < 300 },
  ];
}

async function metrics(folder) {
  const runs = join(folder, 'runs');
  const file = databaseFile(runs);
  const store = Store.open(file);
  const { id } = store.beginRun(planOf(folder, [100]), {
    ...{ mm1: '-', node: process.version, commit: null, dirty: null, packages: {}, cpu: '-', cores: 1, memoryBytes: 1 },
    ...{ gpu: null, platform: '-', host: '-', command: 'bench', engine: { name: 'wasm', version: '-', device: '-' } },
  });
  const reader = fork(fileURLToPath(import.meta.url), ['reader', file, id]);
  await new Promise((done) => reader.once('message', done));
  const start = performance.now();
  for (let first = 0; first < ROWS; first += SENT) {
    const rows = Array.from({ length: SENT }, (_, i) => {
      const row = first + i;
      return { stageKey: `stage-${Math.floor(row / 20_000)}`, name: 'loss', step: row % 20_000, value: Math.sin(row) };
    });
    store.recordMetrics(id, rows);
  }
  const seconds = (performance.now() - start) / 1000;
  reader.send('end');
  const polls = await new Promise((done) => reader.once('message', done));
  store.finishRun(id, 'done');
  store.close();
  const began = performance.now();
  const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [cli, 'report', '--runs-dir', runs], { stdio: 'ignore' });
  const report = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`mm1 report ended with status ${status}`);
  return [
    {
      what: `${ROWS} rows of metrics, s (${polls} reads beside)`,
      measured: seconds.toFixed(1),
      promised: '< 10',
      holds: seconds < 10,
    },
    { what: 'mm1 report of them, s', measured: report.toFixed(2), promised: '< 1', holds: report < 1 },
  ];
}

/** Reads until it is told to end. */
function read(file, id) {
  const store = Store.openReadOnly(file);
  let polls = 0;
  const reading = setInterval(() => {
    store.newestLosses(id);
    polls++;
  }, 200);
  process.on('message', () => {
    clearInterval(reading);
    process.send(polls, () => process.exit());
  });
  process.send('ready');
}

if (process.argv[2] === 'reader') read(process.argv[3], process.argv[4]);
else {
  const rows = [];
  for (const measure of [scheduling, metrics]) {
    const folder = mkdtempSync(join(tmpdir(), 'mm1-bench-runner-'));
    try {
      rows.push(...(await measure(folder)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`);
  console.table(rows);
  if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
}
