import { rmSync, writeFileSync } from 'node:fs';
import { loadGrid } from '../config/load.js';
import { type NewGrid, newGridText } from '../config/new-grid.js';
import type { Plan } from '../config/plan.js';
import { Mm1Error } from '../errors.js';
import { sourceReader } from '../plan/sources.js';

/**
 * Writes a new grid and reads it as a run would.
 * @throws Mm1Error E_OUTPUT where there is a file already, or none can be written; E_GRID where the choices do not go together: then
 *   no file is left
 */
export function writeNewGrid(grid: NewGrid): Plan {
  try {
    writeFileSync(grid.file, newGridText(grid), { flag: 'wx' });
  } catch (cause) {
    throw new Mm1Error(`the grid cannot be written: ${(cause as NodeJS.ErrnoException).code}`, {
      code: 'E_OUTPUT',
      where: grid.file,
      remedy: 'Name another file: its folder must exist, and it must not.',
      cause,
    });
  }
  try {
    return loadGrid(grid.file, {}, undefined, sourceReader('runs'));
  } catch (error) {
    rmSync(grid.file);
    throw error;
  }
}
