import { Command } from 'commander';
import { type GridOptions, overridesOf, withGridOptions } from './grid-options.js';

interface Options extends GridOptions {
  readonly workers?: string;
  readonly retryFailed?: boolean;
  readonly failFast?: boolean;
  readonly force?: boolean;
  readonly detach?: boolean;
  readonly runsDir: string;
}

/** `mm1 ablate grid.yaml`: trains and evaluates every variant of a grid. */
export function ablateCommand(): Command {
  return withGridOptions(new Command('ablate'))
    .description('Train and evaluate every variant of a grid. The same command goes on with a run that did not end.')
    .option('--workers <number>', 'stages computed side by side (default: one a GPU, two on a processor)')
    .option('--retry-failed', 'try trials again that failed before')
    .option('--fail-fast', 'end the run with the first trial that fails')
    .option('--detach', 'run away from this terminal, which may then be closed: mm1 watch follows the run')
    .option('--force', 'start also where the plan says that memory will not do')
    .action(async (grid: string, options: Options) => {
      const [{ launch }, { readRunnablePlan }, { wholeNumber }] = await Promise.all([
        import('../run/launch.js'),
        import('../run/read-plan.js'),
        import('./whole-number.js'),
      ]);
      const { workers, retryFailed, failFast, force, runsDir } = options;
      const asked = {
        grid,
        runsFolder: runsDir,
        overrides: overridesOf(options),
        ...(workers !== undefined && { workers: wholeNumber('--workers', workers, 2) }),
        ...(retryFailed && { retryFailed }),
        ...(failFast && { failFast }),
        ...(force && { force }),
      };
      if (!options.detach) {
        process.exitCode = await launch(asked);
        return;
      }
      readRunnablePlan(asked); // what is wrong is told here, and not in a file
      const { detach } = await import('../run/detach.js');
      const args = process.argv.slice(2).filter((argument) => argument !== '--detach');
      const { pid, log } = detach(args, runsDir);
      process.stdout.write(`process ${pid} runs it; what it says goes to ${log}. To follow: mm1 watch\n`);
    });
}
