import { Command, InvalidArgumentError } from 'commander';
import { type GridOptions, overridesOf, withGridOptions } from './grid-options.js';

interface Options extends GridOptions {
  readonly workers?: number;
  readonly retryFailed?: boolean;
  readonly failFast?: boolean;
  readonly runsDir: string;
}

function parseWorkers(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 1024) throw new InvalidArgumentError('Give a whole number from 1.');
  return count;
}

/** `mm1 ablate grid.yaml`: trains and evaluates every variant of a grid. */
export function ablateCommand(): Command {
  return withGridOptions(new Command('ablate'))
    .description('Train and evaluate every variant of a grid. The same command goes on with a run that did not end.')
    .option('--workers <number>', 'stages computed side by side (default: one a GPU, or one)', parseWorkers)
    .option('--retry-failed', 'try trials again that failed before')
    .option('--fail-fast', 'end the run with the first trial that fails')
    .action(async (grid: string, options: Options) => {
      const { launch } = await import('../run/launch.js');
      const { workers, retryFailed, failFast, runsDir } = options;
      process.exitCode = await launch({
        grid,
        runsFolder: runsDir,
        overrides: overridesOf(options),
        ...(workers !== undefined && { workers }),
        ...(retryFailed && { retryFailed }),
        ...(failFast && { failFast }),
      });
    });
}
