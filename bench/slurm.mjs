// What the head of a run on Slurm costs, beside what its jobs compute.
//   npm run build && npm run bench:slurm
// First 200 stages of a second each, on two nodes of 16 cores that a process stands for: it writes and publishes what tasks would. Then a plan of
// 100,000 stages in five levels is put into job arrays for a controller that has Slurm's own limits (MaxArraySize 1001, MaxJobCount 10000) and ends at once what it
// was given: how long that takes, and in how much memory. No Slurm is needed; test/slurm has a real one.

import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slurmExecutor } from '../dist/run/executors/slurm/index.js';
import { Jobs } from '../dist/run/executors/slurm/jobs.js';
import { jobName, Spool, spoolFolder } from '../dist/run/executors/slurm/spool.js';
import { cacheFolder } from '../dist/store/place.js';

const CORES = 32;
const keyOf = (i) => (i + 1).toString(16).padStart(12, '0');

/** An order as a run's own are: some two kilobytes of recipe. */
function orderOf(i, cache, parents = {}) {
  const key = keyOf(i);
  const spec = { recipe: { settings: 'x'.repeat(1800) }, seed: i };
  const stage = { key, kind: 'pretrain', title: `train variant ${i} seed 0`, parents, checkpoint: null, spec };
  return {
    stage,
    checkpoints: join(cache, `checkpoints-${key}`),
    parents: {},
    places: { grid: '/', runs: '/' },
    work: {},
  };
}

async function head(count) {
  const runs = mkdtempSync(join(tmpdir(), 'mm1-bench-slurm-'));
  const cache = cacheFolder(runs);
  const events = new Spool(spoolFolder(runs, 'bench')).events;
  const nodes = fork(fileURLToPath(new URL('slurm/cluster.mjs', import.meta.url)), [cache, events]);
  const waiting = [];
  const running = new Set();
  let jobs = [];
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
      jobs
        .map((job) => ({
          ...job,
          tasks: job.tasks.filter((task) => waiting.includes(job.keys[task]) || running.has(job.keys[task])),
        }))
        .filter(({ tasks }) => tasks.length > 0),
    cancel: async () => {},
    async submit(script) {
      const lines = readFileSync(script.replace('.sh', '.jsonl'), 'utf8').trimEnd().split('\n').slice(1);
      const keys = lines.map((line) => JSON.parse(line).stage.key);
      const name = /--job-name=(\S+)/.exec(readFileSync(script, 'utf8'))[1];
      jobs = [...jobs, { name, job: String(jobs.length + 1), tasks: [...keys.keys()], keys, state: 'RUNNING' }];
      waiting.push(...keys);
      start();
      return String(jobs.length);
    },
  };
  const engine = { name: 'tensorflow', version: '', device: '', gpu: false, memory: null, products: 'fp32' };
  const executor = await slurmExecutor({ runsFolder: runs, engine, settings: {}, note: () => {}, force: true, slurm });
  const orders = Array.from({ length: count }, (_, i) => orderOf(i, cache));
  const before = process.cpuUsage();
  const started = performance.now();
  await executor.enlist('bench', orders);
  const heard = { onStart: () => {}, onProgress: () => {}, onNote: () => {}, onMetrics: () => {}, begin: () => '' };
  const outcomes = await Promise.all(orders.map((order) => executor.compute({ ...order, ...heard })));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  executor.close();
  nodes.kill();
  rmSync(runs, { recursive: true });
  if (outcomes.some(({ type }) => type !== 'published')) throw new Error('not every stage came to its end');
  const least = Math.ceil(count / CORES);
  const memory = process.memoryUsage.rss() / 1e6;
  console.log(
    `${count} stages of a second on ${CORES} cores: ${seconds.toFixed(1)} s (${least} s at least); the head's own: ${((user + system) / 1000 / count).toFixed(2)} ms of processor a stage, ${memory.toFixed(0)} MB`,
  );
}

async function submission(count, levels) {
  const root = mkdtempSync(join(tmpdir(), 'mm1-bench-slurm-'));
  const limits = { array: 1001, jobs: 10_000 };
  let queue = [];
  let submitted = 0;
  const slurm = {
    limits: async () => limits,
    queue: async () => queue,
    cancel: async () => {},
    async submit(script) {
      const [, name, tasks] = /^(\S+) (\d+)/.exec(readFileSync(script, 'utf8'));
      const held = queue.reduce((sum, job) => sum + job.tasks.length, 0);
      if (Number(tasks) >= limits.array || held + Number(tasks) > limits.jobs) throw new Error('over the limits');
      submitted++;
      queue.push({
        name,
        job: String(submitted),
        tasks: Array.from({ length: Number(tasks) }, (_, i) => i),
        state: 'PENDING',
      });
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

await head(200);
await submission(100_000, 5);
