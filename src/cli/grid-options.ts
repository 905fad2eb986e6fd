import { type Command, InvalidArgumentError } from 'commander';
import type { Overrides } from '../config/load.js';

/** What may stand in a grid's place on the command line. */
export interface GridOptions {
  readonly scale?: string;
  readonly seeds?: readonly number[];
  readonly set: readonly string[];
  readonly only: readonly string[];
}

/** Adds the options that `ablate` and `plan` have in common. */
export function withGridOptions(command: Command): Command {
  return command
    .argument('<grid>', 'grid file, for instance configs/smoke.yaml')
    .option('--seeds <list>', "trial seeds in place of the grid's, for instance 0 or 0,1,2", parseSeeds)
    .option('--scale <name>', "scale in place of the grid's")
    .option(
      '--set <setting=value>',
      "a setting in place of the grid's, for instance data.text=20; may be repeated",
      gather,
      [],
    )
    .option(
      '--only <axis=values>',
      'some variants alone, for instance connector.type=mlp,linear; may be repeated',
      gather,
      [],
    )
    .option('--runs-dir <folder>', 'folder of the database and the cache', 'runs');
}

export function overridesOf({ scale, seeds, set, only }: GridOptions): Overrides {
  return { ...(scale !== undefined && { scale }), ...(seeds && { seeds }), set, only };
}

const gather = (value: string, before: readonly string[]): string[] => [...before, value];

function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (seeds.some(Number.isNaN)) throw new InvalidArgumentError('Seeds are whole numbers with commas between: 0,1,2.');
  return seeds;
}
