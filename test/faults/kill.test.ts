import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { random } from '../../src/random.js';
import { Store } from '../../src/store/store.js';
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

const draw = random(0, 'kills');
const counts = { heads: 0, workers: 0, runs: 0 };
const made = () => counts.heads + counts.workers;
const pause = (milliseconds: number) => new Promise<null>((resolve) => setTimeout(resolve, milliseconds, null));

const isDone = ({ runs }: Folder) => existsSync(join(runs, 'mm1.sqlite')) && statusOf(runs) === 'done';

function statusOf(runs: string): string | undefined {
  const store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
  const [newest] = store.runs();
  store.close();
  return newest?.status;
}

/** Runs a grid to its end, through kills of the head or its worker at random moments, of which no more are made than are left. */
async function throughKills(folder: Folder): Promise<void> {
  for (;;) {
    const running = ablate(folder);
    let lost = 0;
    while (made() < KILLS) {
      // Early in a launch as well as late in it; what is done stays done, so that the run gets on in spite of all.
      const wait = (0.3 + draw.uniform() * Math.min(6, seconds / 2)) * 1000;
      if (await Promise.race([running.ended, pause(wait)])) break;
      const [worker] = childrenOf(running.child.pid!);
      // A stage that loses its worker again and again fails, as it should: after one worker it is the head's turn.
      const target = worker !== undefined && lost === 0 && draw.uniform() < 0.5 ? worker : running.child.pid!;
      counts[target === worker ? 'workers' : 'heads']++;
      process.kill(target, 'SIGKILL');
      if (target !== worker) break;
      lost++; // the head goes on with another one
    }
    const { status, stderr } = await running.ended;
    // Killed: it goes on with the same command, unless the run was already at its end, when that would be another run.
    if (status === null && !isDone(folder)) continue;
    if (status === null) return;
    expect(status, stderr).toBe(0);
    return;
  }
}

it(`SIGKILL of head or worker at ${KILLS} random moments changes nothing of the results`, async () => {
  while (made() < KILLS) {
    const folder = folderOf(grid(SEEDS));
    await throughKills(folder);
    counts.runs++;
    const found = results(folder.runs);
    expect(found.integrity).toBe('ok');
    expect(found.trials).toEqual(reference.trials);
    expect(found.runs).toBe(1);
    expect(found.status).toBe('done');
  }
  const { heads, workers, runs } = counts;
  process.stdout.write(`kills: ${heads} of the head, ${workers} of a worker, in ${runs} runs of ${4 * SEEDS} trials\n`);
});
