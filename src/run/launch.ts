import type { Plan } from '../config/plan.js';
import type { SlurmSettings } from '../config/slurm.js';
import { counted } from '../units.js';
import { EXECUTORS, type ExecutorName } from './executors/index.js';
import { type PlanAsked, readPlan, readRunnablePlan } from './read-plan.js';
import { type RunOutcome, runGrid } from './run-grid.js';
import { barScreen } from './screen/bars.js';
import { lineScreen } from './screen/lines.js';

/** What the person typed. */
export interface LaunchOptions extends PlanAsked {
  /** Stages side by side; if left out, as many as {@link workersFor} says. */
  readonly workers?: number;
  readonly retryFailed?: boolean;
  readonly failFast?: boolean;
  /** Where stages are computed: here, if left out. */
  readonly executor?: ExecutorName;
  /** What Slurm is told in place of what the grid says. */
  readonly slurm?: SlurmSettings;
}

/**
 * Reads a grid as it is launched: a cluster's memory is not this machine's.
 * @throws Mm1Error as readRunnablePlan does
 */
export const readLaunchPlan = (options: LaunchOptions): Plan =>
  options.executor === 'slurm' ? readPlan(options) : readRunnablePlan(options);

/** Exit status of a run that the person stopped: 128 + SIGINT. */
const INTERRUPTED = 130;

/**
 * `mm1 ablate`: validates the grid whole, then runs it with a screen, and ends cleanly on Ctrl-C.
 * @returns the exit status
 */
export async function launch(options: LaunchOptions): Promise<number> {
  const { runsFolder, retryFailed = false, failFast = false } = options;
  const { executor: place = 'local' } = options;
  const plan = readLaunchPlan(options);
  const { stderr } = process;
  const screen = stderr.isTTY && !process.env.CI ? barScreen(stderr) : lineScreen(stderr);
  const { variants } = plan;
  const trials = variants.length * plan.seeds.length;
  screen.note(
    `${plan.name}: ${counted(variants.length, 'variant')} x ${counted(plan.seeds.length, 'seed')} = ${counted(trials, 'trial')} at scale ${plan.scale}`,
  );

  const executor = await EXECUTORS[place]({ ...options, plan, note: screen.note });
  let stopping = false;
  const onSignal = () => {
    if (stopping) {
      // Asked twice: at once. What is not published is dropped by the next run, and the database is whole at any moment.
      executor.close();
      screen.close();
      process.exit(INTERRUPTED);
    }
    stopping = true;
    screen.note(
      place === 'local'
        ? 'stopping after the present step (press Ctrl-C again to stop at once)'
        : 'stopping here; the jobs go on without this process, and the same command picks them up',
    );
    executor.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const command = [program(), ...process.argv.slice(2).map(quoted)].join(' ');
    const asked = { retryFailed, failFast, stopping: () => stopping };
    const outcome = await runGrid({ plan, runsFolder, executor, screen, command, ...asked });
    screen.close();
    return conclude(outcome, command, options);
  } finally {
    screen.close();
    executor.close();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
  }
}

/** What the person types to start mm1: npx runs a package's program without putting it on the path. */
const program = () => (process.env.npm_command === 'exec' ? 'npx mm1' : 'mm1');

/** An argument as a shell reads it. */
const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function conclude({ run, status, failed }: RunOutcome, command: string, { runsFolder }: LaunchOptions): number {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (status === 'interrupted') {
    say(`stopped. To go on: ${command}`);
    return INTERRUPTED;
  }
  for (const trial of failed) say(`trial ${trial.id} (seed ${trial.seed}) failed: ${trial.error?.split('\n')[0]}`);
  if (failed.length > 0) say(`To try what failed again: ${command.replace(/ --retry-failed\b/, '')} --retry-failed`);
  const folder = runsFolder === 'runs' ? '' : ` --runs-dir ${quoted(runsFolder)}`;
  say(
    `${status === 'done' ? 'done' : `${counted(failed.length, 'trial')} failed`}. To see the results: ${program()} report --run ${run.id}${folder}`,
  );
  return status === 'done' ? 0 : 1;
}
