import { Command, InvalidArgumentError } from 'commander';

interface Options {
  readonly scale?: string;
  readonly seeds?: readonly number[];
  readonly runsDir: string;
}

function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (seeds.some(Number.isNaN)) throw new InvalidArgumentError('Seeds are whole numbers with commas between: 0,1,2.');
  return seeds;
}

/** `mm1 ablate grid.yaml`: trains and evaluates every variant of a grid. */
export function ablateCommand(): Command {
  return new Command('ablate')
    .description('Train and evaluate every variant of a grid. The same command goes on with a run that did not end.')
    .argument('<grid>', 'grid file, for instance configs/smoke.yaml')
    .option('--seeds <list>', "trial seeds in place of the grid's, for instance 0 or 0,1,2", parseSeeds)
    .option('--scale <name>', "scale in place of the grid's")
    .option('--runs-dir <folder>', 'folder of the database and the cache', 'runs')
    .action(async (grid: string, options: Options) => {
      const { launch } = await import('../run/launch.js');
      const { scale, seeds, runsDir } = options;
      process.exitCode = await launch({ grid, runsFolder: runsDir, ...(scale && { scale }), ...(seeds && { seeds }) });
    });
}
