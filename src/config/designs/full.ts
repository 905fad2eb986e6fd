import type { Axis } from '../plan.js';
import type { Cell, DesignMaker } from './design.js';

/** Every combination of one value from each axis, the last axis changing fastest. */
export const full: DesignMaker = ({ axes }) => ({ cells: combinations(axes), design: { kind: 'full' } });

function combinations(axes: readonly Axis[]): Cell[] {
  let cells: Cell[] = [{}];
  for (const { path, values } of axes)
    cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [path]: value })));
  return cells;
}
