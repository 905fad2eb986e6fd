import { totalmem } from 'node:os';
import { loadGrid, type Overrides } from '../config/load.js';
import type { Plan } from '../config/plan.js';
import { loadTokenizer } from '../data/tokenizer/index.js';
import { Mm1Error } from '../errors.js';
import { checkpointReader } from '../plan/checkpoints.js';
import { variantSize } from '../plan/peak-memory.js';
import { sourceReader } from '../plan/sources.js';
import { bytesText } from '../units.js';

/** A grid as the person asked for it. */
export interface PlanAsked {
  readonly grid: string;
  readonly runsFolder: string;
  /** What the command line says in place of the grid. */
  readonly overrides: Overrides;
  /** Whether to start where the plan says that memory will not do. */
  readonly force?: boolean;
}

/**
 * Reads a grid.
 * @throws Mm1Error E_GRID and its like where it is wrong
 */
export function readPlan({ grid, overrides, runsFolder }: PlanAsked): Plan {
  return loadGrid(grid, overrides, checkpointReader(), sourceReader(runsFolder));
}

/**
 * Reads a grid and sees that it can be run here.
 * @throws Mm1Error E_GRID and its like where it is wrong, E_MEMORY where a variant is too large
 */
export function readRunnablePlan(asked: PlanAsked): Plan {
  const plan = readPlan(asked);
  if (!asked.force) checkMemory(plan);
  return plan;
}

/** Refuses what this machine's memory cannot hold, by the plan. A GPU's own memory is not known here. */
function checkMemory({ variants }: Plan): void {
  const vocabulary = loadTokenizer().vocabularySize;
  const most = totalmem();
  const sizes = variants.map(({ recipe }) => variantSize(recipe, vocabulary).memory);
  const large = variants.filter((_, i) => sizes[i]! > most);
  if (large.length === 0) return;
  const which = large.length === 1 ? `variant ${large[0]!.index + 1} needs` : `${large.length} variants need`;
  throw new Mm1Error(
    `${which} about ${bytesText(Math.max(...sizes))} of memory to train, and there are ${bytesText(most)}`,
    {
      code: 'E_MEMORY',
      remedy: 'Take a smaller scale, a smaller batch or more training.accumulate; --force starts all the same.',
    },
  );
}
