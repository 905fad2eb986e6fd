// Times `mm1 report` on a large run: 200 variants x 5 seeds x 12 tasks x 1,000 items, each asked with and without the picture.
//   npm run build && npm run bench:report                 writing the run takes some minutes and about 5 GB
//   npm run bench:report -- 20                            fewer variants
// Another: npm run bench:report -- --run runs             the newest run of a folder, as it is

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadGrid } from '../dist/config/load.js';
import { random } from '../dist/random.js';
import { Store } from '../dist/store/store.js';

const root = resolve(import.meta.dirname, '..');
const SEEDS = [0, 1, 2, 3, 4];
const TASKS = [
  'count',
  'colour',
  'shape',
  'size',
  'string',
  'chart',
  'dial',
  'position',
  'binding',
  'odd',
  'texture',
  'pattern',
];
const ITEMS = 1000;

/** Writes a run of so many variants. */
function write(folder, variants) {
  const grid = join(folder, 'large.yaml');
  const tokens = Array.from({ length: Math.ceil(variants / 10) }, (_, i) => (i + 1) ** 2);
  const rates = Array.from({ length: Math.min(10, variants) }, (_, i) => (i + 1) / 1000);
  writeFileSync(
    grid,
    `scale: nano\nseeds: [${SEEDS}]\nbase: {connector: {type: attention-pool}}\naxes:\n  connector.tokens: [${tokens}]\n  training.learning_rate: [${rates}]\n`,
  );
  const plan = loadGrid(grid);
  const evaluation = { ...plan.evaluation, tasks: TASKS.map((name) => ({ name })), items: ITEMS };
  const store = Store.open(join(folder, 'mm1.sqlite'));
  const { id } = store.beginRun(
    { ...plan, evaluation },
    {
      mm1: '0',
      node: process.version,
      commit: null,
      dirty: null,
      packages: {},
      engine: { name: 'none', version: '0', device: 'none' },
      cpu: '',
      cores: 2,
      memoryBytes: 1,
      gpu: null,
      platform: '',
      host: '',
      command: '',
    },
  );
  const draw = random(0, 'large');
  const concepts = new Map(Array.from({ length: ITEMS }, (_, i) => [`${i}`, `c${i >> 1}`]));
  for (const trial of store.trials(id)) {
    const scores = [];
    const items = [];
    for (const task of TASKS) {
      for (const condition of ['asked', 'blind']) {
        const common = { task, shots: 0, demonstrationSeed: 0, metric: 'VQA accuracy', condition };
        let right = 0;
        for (let i = 0; i < ITEMS; i++) {
          const value = draw.below(100) < (condition === 'asked' ? 30 + (trial.variantId % 20) : 10) ? 100 : 0;
          right += value;
          items.push({
            ...common,
            item: `${i}`,
            demonstrationList: 0,
            prompt: 'p',
            output: 'o',
            references: ['r'],
            value,
          });
        }
        scores.push({
          ...common,
          group: 'vqa',
          lowerIsBetter: false,
          value: right / ITEMS,
          items: ITEMS,
          chance: 5,
          demonstrations: [],
        });
      }
    }
    store.finishTrial(trial.id, 1, scores, items, { concepts });
  }
  store.finishRun(id, 'done');
  store.close();
}

/** Seconds and most memory in MB of a report in a process of its own. */
async function time(folder, format) {
  const start = performance.now();
  const args = [join(root, 'dist/cli/main.js'), 'report', '--runs-dir', folder, '--format', format];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let most = 0;
  const look = setInterval(() => {
    try {
      most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0));
    } catch {} // it has ended
  }, 20);
  const [status] = await once(child, 'exit');
  clearInterval(look);
  if (status !== 0) throw new Error(`the report ended with status ${status}`);
  return { seconds: (performance.now() - start) / 1000, megabytes: most / 1024 };
}

const given = process.argv.indexOf('--run');
const folder = given > 0 ? process.argv[given + 1] : mkdtempSync(join(tmpdir(), 'mm1-bench-report-'));
const variants = Number(process.argv[2] ?? 200) || 200;
try {
  if (given < 0) {
    console.error(
      `writing ${variants} variants x ${SEEDS.length} seeds x ${TASKS.length} tasks x ${ITEMS} items, twice ...`,
    );
    write(folder, variants);
  }
  console.log(`${cpus()[0].model}, ${cpus().length} cores; ${given > 0 ? folder : `${variants} variants`}`);
  for (const format of ['table', 'json', 'html']) {
    const { seconds, megabytes } = await time(folder, format);
    console.log(`${format}: ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB (promise for 200 variants: 5 s, 1 GB)`);
  }
} finally {
  if (given < 0) rmSync(folder, { recursive: true });
}
