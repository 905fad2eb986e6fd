import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { random } from '../../src/random.js';
import { ablate, childrenOf, type Folder, folderOf, grid, removePackage, results } from './harness.js';

// In CI a short part; `npm run test:faults` runs the long one: 24 trials, 100 kills.
const LONG = process.env.MM1_FAULTS === 'long';
const SEEDS = LONG ? 6 : 1;
const KILLS = LONG ? 100 : 6;
vi.setConfig({ testTimeout: LONG ? 3_600_000 : 240_000, hookTimeout: 240_000 });

let reference: ReturnType<typeof results>;
let seconds: number;

beforeAll(async () => {
  const whole = folderOf(grid(SEEDS));
  const start = performance.now();
  const { status, stderr } = await ablate(whole).ended;
  seconds = (performance.now() - start) / 1000;
  expect(status, stderr).toBe(0);
  reference = results(whole.runs);
  expect(reference.trials).toHaveLength(4 * SEEDS);
});
afterAll(removePackage);

/** Kills the head or its worker at random moments until there were so many kills, then lets the run end. */
async function killed(folder: Folder, kills: number): Promise<{ heads: number; workers: number }> {
  const draw = random(0, 'kills');
  const counts = { heads: 0, workers: 0 };
  for (let kill = 0; kill < kills; ) {
    const running = ablate(folder);
    // Early in a launch as well as late in it; what is done stays done, so that the run gets on in spite of all.
    const wait = (0.3 + draw.uniform() * Math.min(6, seconds / 2)) * 1000;
    const ended = await Promise.race([running.ended, new Promise<null>((resolve) => setTimeout(resolve, wait, null))]);
    if (ended) break; // all is done already
    const [worker] = childrenOf(running.child.pid!);
    const target = worker !== undefined && draw.uniform() < 0.5 ? worker : running.child.pid!;
    counts[target === worker ? 'workers' : 'heads']++;
    kill++;
    process.kill(target, 'SIGKILL');
    if (target === worker && kill < kills) {
      // The head goes on with another worker; the next kill is in the same launch or ends it.
      await Promise.race([running.ended, new Promise((resolve) => setTimeout(resolve, wait))]);
      running.child.kill('SIGKILL');
      counts.heads++;
      kill++;
    }
    await running.ended;
  }
  const last = ablate(folder);
  const { status, stderr } = await last.ended;
  expect(status, stderr).toBe(0);
  return counts;
}

it(`SIGKILL of head or worker at ${KILLS} random moments changes nothing of the results`, async () => {
  const folder = folderOf(grid(SEEDS));
  const counts = await killed(folder, KILLS);
  const found = results(folder.runs);
  process.stdout.write(`kills: ${counts.heads} of the head, ${counts.workers} of a worker\n`);
  expect(found.integrity).toBe('ok');
  expect(found.trials).toEqual(reference.trials);
  expect(found.runs).toBe(1);
  expect(found.status).toBe('done');
});
