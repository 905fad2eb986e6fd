import { Command } from 'commander';
import { bold } from './bold.js';
import { type GridOptions, overridesOf, withGridOptions } from './grid-options.js';

interface PlanOptions extends GridOptions {
  readonly workers?: string;
  readonly json?: boolean;
  readonly runsDir: string;
}

/** `mm1 plan grid.yaml`: what a grid will run and take, without running any of it. */
export function planCommand(): Command {
  return withGridOptions(new Command('plan'))
    .description(
      'Say what a grid will run: variants, shared and cached stages, parameters, FLOPs, memory, disk and time.',
    )
    .option('--workers <number>', 'stages computed side by side (default: one a GPU, two on a processor)')
    .option('--json', 'print the same as JSON')
    .action(async (grid: string, options: PlanOptions) => {
      const [{ dryRun }, { renderPlan }, { wholeNumber }] = await Promise.all([
        import('../run/dry-run.js'),
        import('../report/plan.js'),
        import('./whole-number.js'),
      ]);
      const { plan, estimate, workers } = await dryRun({
        grid,
        runsFolder: options.runsDir,
        overrides: overridesOf(options),
        ...(options.workers !== undefined && { workers: wholeNumber('--workers', options.workers, 2) }),
      });
      const { gridText: _, ...told } = plan;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ plan: told, estimate }, null, 2)}\n`
          : renderPlan(plan, estimate, workers, bold),
      );
    });
}
