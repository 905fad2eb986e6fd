import { Command, Option } from 'commander';
import { usage } from '../errors.js';
import type { ExecutorName } from '../run/executors/index.js';
import { type GridOptions, overridesOf, withGridOptions } from './grid-options.js';
import { type SlurmOptions, slurmSettings, withSlurmOptions } from './slurm-options.js';

interface Options extends GridOptions, SlurmOptions {
  readonly executor: ExecutorName;
  readonly dryRun?: boolean;
  readonly workers?: string;
  readonly retryFailed?: boolean;
  readonly failFast?: boolean;
  readonly force?: boolean;
  readonly detach?: boolean;
  readonly runsDir: string;
}

/** `mm1 ablate grid.yaml`: trains and evaluates every variant of a grid. */
export function ablateCommand(): Command {
  return withSlurmOptions(withGridOptions(new Command('ablate')))
    .description('Train and evaluate every variant of a grid. The same command goes on with a run that did not end.')
    .option('--workers <number>', 'stages computed side by side (default: one a GPU, two on a processor)')
    .addOption(
      new Option('--executor <name>', 'where stages are computed').choices(['local', 'slurm']).default('local'),
    )
    .option('--dry-run', 'with --executor slurm: print the scripts of its jobs, and submit nothing')
    .option('--retry-failed', 'try trials again that failed before')
    .option('--fail-fast', 'end the run with the first trial that fails')
    .option('--detach', 'run away from this terminal, which may then be closed: mm1 watch follows the run')
    .option(
      '--force',
      'start also where the plan says that memory will not do, or other machines do not see the runs folder',
    )
    .action(async (grid: string, options: Options) => {
      const [{ launch, readLaunchPlan }, { wholeNumber }] = await Promise.all([
        import('../run/launch.js'),
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
        executor: options.executor,
        slurm: slurmSettings(options),
      };
      if (options.dryRun) {
        if (options.executor !== 'slurm')
          throw usage(
            '--dry-run',
            'it prints the scripts of --executor slurm',
            '`mm1 plan` says what a grid takes on this machine.',
          );
        const { slurmScripts } = await import('../run/executors/slurm/dry-run.js');
        process.stdout.write(slurmScripts(asked));
        return;
      }
      if (!options.detach) {
        process.exitCode = await launch(asked);
        return;
      }
      readLaunchPlan(asked); // what is wrong is told here, and not in a file
      const { detach } = await import('../run/detach.js');
      const args = process.argv.slice(2).filter((argument) => argument !== '--detach');
      const { pid, log } = detach(args, runsDir);
      process.stdout.write(`process ${pid} runs it; what it says goes to ${log}. To follow: mm1 watch\n`);
    });
}
