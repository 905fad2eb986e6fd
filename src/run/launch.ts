import { loadGrid } from '../config/load.js';
import { chooseEngine } from '../engine/index.js';
import { localExecutor } from './executors/local.js';
import { type RunOutcome, runGrid } from './run-grid.js';
import { barScreen } from './screen/bars.js';
import { lineScreen } from './screen/lines.js';

/** What the person typed. */
export interface LaunchOptions {
  readonly grid: string;
  readonly runsFolder: string;
  readonly scale?: string;
  readonly seeds?: readonly number[];
}

/** Exit status of a run that the person stopped: 128 + SIGINT. */
const INTERRUPTED = 130;

/**
 * `mm1 ablate`: validates the grid whole, then runs it with a screen, and ends cleanly on Ctrl-C.
 * @returns the exit status
 */
export async function launch(options: LaunchOptions): Promise<number> {
  const { grid, scale, seeds, runsFolder } = options;
  const plan = loadGrid(grid, { ...(scale && { scale }), ...(seeds && { seeds }) });
  chooseEngine();
  const { stderr } = process;
  const screen = stderr.isTTY && !process.env.CI ? barScreen(stderr) : lineScreen(stderr);
  const trials = plan.variants.length * plan.seeds.length;
  screen.note(
    `${plan.name}: ${plan.variants.length} variants x ${plan.seeds.length} seeds = ${trials} trials at ${plan.scale}`,
  );

  const executor = await localExecutor();
  let stopping = false;
  const onSignal = () => {
    if (stopping) {
      // Asked twice: at once. What is not published is dropped by the next run, and the database is whole at any moment.
      executor.close();
      screen.close();
      process.exit(INTERRUPTED);
    }
    stopping = true;
    screen.note('stopping after the present step (press Ctrl-C again to stop at once)');
    executor.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const command = ['mm1', ...process.argv.slice(2)].join(' ');
    const outcome = await runGrid({ plan, runsFolder, executor, screen, command, stopping: () => stopping });
    screen.close();
    return conclude(outcome, command, options);
  } finally {
    screen.close();
    executor.close();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
  }
}

function conclude({ run, status, failed }: RunOutcome, command: string, { runsFolder }: LaunchOptions): number {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (status === 'interrupted') {
    say(`stopped. To go on: ${command}`);
    return INTERRUPTED;
  }
  for (const trial of failed) say(`trial ${trial.id} (seed ${trial.seed}) failed: ${trial.error?.split('\n')[0]}`);
  const folder = runsFolder === 'runs' ? '' : ` --runs-dir ${runsFolder}`;
  say(
    `${status === 'done' ? 'done' : `${failed.length} trials failed`}. To see the results: mm1 report --run ${run.id}${folder}`,
  );
  return status === 'done' ? 0 : 1;
}
