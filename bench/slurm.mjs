// What the head of a run on Slurm costs, beside what its jobs compute.
//   npm run build && npm run bench:slurm
// First 200 stages of a second each, on two nodes of 16 cores that a process stands for: it writes and publishes what tasks would. Where Slurm's
// packages are installed, the same with a real controller and two real nodes, whose tasks share the cores of this machine. Then a plan of 100,000 stages in
// five levels is put into job arrays for a controller that has Slurm's own limits (MaxArraySize 1001, MaxJobCount 10000) and ends at once what it was
// given: how long that takes, and in how much memory.

import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { slurmCommands } from '../dist/run/executors/slurm/commands.js';
import { slurmExecutor } from '../dist/run/executors/slurm/index.js';
import { Jobs } from '../dist/run/executors/slurm/jobs.js';
import { jobName, Spool, spoolFolder } from '../dist/run/executors/slurm/spool.js';
import { cacheFolder } from '../dist/store/place.js';

const CORES = 32;
const keyOf = (i) => (i + 1).toString(16).padStart(12, '0');

/** An order as a run's own are: some two kilobytes of recipe. */
function orderOf(i, cache) {
  const key = keyOf(i);
  const spec = { recipe: { settings: 'x'.repeat(1800) }, seed: i };
  const stage = { key, kind: 'pretrain', title: `train variant ${i} seed 0`, parents: {}, checkpoint: null, spec };
  return {
    stage,
    checkpoints: join(cache, `checkpoints-${key}`),
    parents: {},
    places: { grid: '/', runs: '/' },
    work: {},
  };
}

const runsFolder = () => mkdtempSync(join(tmpdir(), 'mm1-bench-slurm-'));
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Nodes that a process stands for. */
function standIn(runs) {
  const { events } = new Spool(spoolFolder(runs, 'bench'));
  const nodes = fork(file('slurm/cluster.mjs'), [cacheFolder(runs), events]);
  const waiting = [];
  const running = new Set();
  const jobs = [];
  const start = () => {
    while (waiting.length > 0 && running.size < CORES) {
      const keys = waiting.splice(0, CORES - running.size);
      for (const key of keys) running.add(key);
      nodes.send({ keys });
    }
  };
  nodes.on('message', ({ done }) => {
    for (const key of done) running.delete(key);
    start();
  });
  const slurm = {
    limits: async () => ({ array: 1001, jobs: 10_000 }),
    queue: async () =>
      jobs.flatMap(({ name, job, keys }) =>
        keys.flatMap((key, task) =>
          running.has(key) || waiting.includes(key) ? [{ name, job, task, state: 'RUNNING', reason: 'None' }] : [],
        ),
      ),
    cancel: async () => {},
    async submit(script) {
      const lines = readFileSync(script.replace('.sh', '.jsonl'), 'utf8').trimEnd().split('\n').slice(1);
      const keys = lines.map((line) => JSON.parse(line).stage.key);
      const name = /--job-name=(\S+)/.exec(readFileSync(script, 'utf8'))[1];
      const job = String(jobs.length + 1);
      jobs.push({ name, job, keys });
      waiting.push(...keys);
      start();
      return job;
    },
  };
  return { slurm, end: () => nodes.kill() };
}

/** The tests' own cluster, whose tasks compute what the stand-in does. */
async function real() {
  const { module } = await runnerImport(file('../test/slurm/cluster.ts'), { logLevel: 'error' });
  const { missingSlurm, startCluster } = module;
  const missing = missingSlurm();
  if (missing) {
    console.log(`real nodes: left out (${missing}; Debian has them as slurm-wlm)`);
    return null;
  }
  const cluster = await startCluster(CORES / 2);
  Object.assign(process.env, cluster.env);
  const slurm = {
    ...slurmCommands,
    submit(script) {
      const text = readFileSync(script, 'utf8');
      writeFileSync(script, text.replace(/\S+ worker /, `${file('slurm/task.mjs')} `));
      return slurmCommands.submit(script);
    },
  };
  return { slurm, end: cluster.stop };
}

async function head(count, runs, { slurm, end }, nodes) {
  const engine = { name: 'tensorflow', version: '', device: '', gpu: false, memory: null, products: 'fp32' };
  const executor = await slurmExecutor({ runsFolder: runs, engine, settings: {}, note: () => {}, force: true, slurm });
  const orders = Array.from({ length: count }, (_, i) => orderOf(i, cacheFolder(runs)));
  const before = process.cpuUsage();
  const started = performance.now();
  await executor.enlist('bench', orders);
  const heard = { onStart: () => {}, onProgress: () => {}, onNote: () => {}, onMetrics: () => {}, begin: () => '' };
  const outcomes = await Promise.all(orders.map((order) => executor.compute({ ...order, ...heard })));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  executor.close();
  end();
  rmSync(runs, { recursive: true });
  if (outcomes.some(({ type }) => type !== 'published')) throw new Error('not every stage came to its end');
  const least = Math.ceil(count / CORES);
  const memory = process.memoryUsage.rss() / 1e6;
  console.log(
    `${count} stages of a second on ${nodes}: ${seconds.toFixed(1)} s (${least} s at least); the head's own: ${((user + system) / 1000 / count).toFixed(2)} ms of processor a stage, ${memory.toFixed(0)} MB`,
  );
}

async function submission(count, levels) {
  const root = runsFolder();
  const limits = { array: 1001, jobs: 10_000 };
  let queue = [];
  let submitted = 0;
  const slurm = {
    limits: async () => limits,
    queue: async () => queue,
    cancel: async () => {},
    async submit(script) {
      const [, name, tasks] = /^(\S+) (\d+)/.exec(readFileSync(script, 'utf8'));
      if (Number(tasks) >= limits.array || queue.length + Number(tasks) > limits.jobs)
        throw new Error('over the limits');
      submitted++;
      const waits = { name, job: String(submitted), state: 'PENDING', reason: 'None' };
      for (let task = 0; task < Number(tasks); task++) queue.push({ ...waits, task });
      return String(submitted);
    },
  };
  const spool = new Spool(root);
  const scriptOf = (batch, after) => `${jobName('bench', batch.number)} ${batch.keys.length} ${after.join(':')}`;
  const started = performance.now();
  const jobs = new Jobs({ run: 'bench', spool, slurm, limits, scriptOf });
  await jobs.takeUp();
  const each = count / levels;
  for (let level = 0; level < levels; level++)
    jobs.add(
      level,
      Array.from({ length: each }, (_, i) => orderOf(level * each + i, root)),
    );
  let most = 0;
  while (jobs.has(keyOf(count - 1)) && submitted < count / (limits.array - 1)) {
    await jobs.submit();
    most = Math.max(most, process.memoryUsage.rss());
    queue = []; // the controller has ended all
    await jobs.look();
  }
  const seconds = (performance.now() - started) / 1000;
  rmSync(root, { recursive: true });
  console.log(
    `${count.toLocaleString('en')} stages in ${levels} levels: ${submitted} arrays submitted in ${seconds.toFixed(1)} s, ${(most / 1e6).toFixed(0)} MB`,
  );
}

const runs = runsFolder();
await head(200, runs, standIn(runs), `${CORES} cores that a process stands for`);
const cluster = await real();
if (cluster) await head(200, runsFolder(), cluster, `two real nodes of ${CORES / 2} cores`);
await submission(100_000, 5);
