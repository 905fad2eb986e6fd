import type { Random } from '../../random.js';
import { type Box, sharedArea } from '../regions.js';
import { MASTER_SIDE, type Thing } from './scene.js';
import type { Direction } from './vocabulary.js';

/** Least distance from the edge, and from one thing to the next, in pixels of the master. */
const EDGE = 5;
const GAP = 5;
/** Places that are tried for a thing, and layouts for a scene. */
const TRIES = 60;
const LAYOUTS = 2000;
/** How many times further a thing lies in the direction that is told than across it. */
const CLEARLY = 1.6;

/**
 * Gives things places, apart from each other and anywhere: no grid has a part in it.
 * @param accept whether a layout will do
 */
export function place<T extends Thing>(things: readonly T[], stream: Random, accept = (_: readonly T[]) => true): T[] {
  for (let layout = 0; layout < LAYOUTS; layout++) {
    const placed: T[] = [];
    for (const thing of things) {
      const box = freeBox(thing.box, placed, stream);
      if (!box) break;
      placed.push({ ...thing, box });
    }
    if (placed.length === things.length && accept(placed)) return placed;
  }
  throw new Error(`No room for ${things.length} things of grade ${things[0]?.grade}`);
}

function freeBox({ width, height }: Box, placed: readonly Thing[], stream: Random): Box | null {
  for (let i = 0; i < TRIES; i++) {
    const box = {
      top: EDGE + (MASTER_SIDE - height - 2 * EDGE) * stream.uniform(),
      left: EDGE + (MASTER_SIDE - width - 2 * EDGE) * stream.uniform(),
      width,
      height,
    };
    const around = { top: box.top - GAP, left: box.left - GAP, width: width + 2 * GAP, height: height + 2 * GAP };
    if (placed.every((other) => sharedArea(around, other.box) === 0)) return box;
  }
  return null;
}

/** Where a box lies from another, where it clearly lies on one side of it. */
export function directionFrom(of: Box, from: Box): Direction | null {
  const across = of.left + of.width / 2 - from.left - from.width / 2;
  const down = of.top + of.height / 2 - from.top - from.height / 2;
  if (Math.abs(across) > CLEARLY * Math.abs(down)) return across < 0 ? 'left' : 'right';
  if (Math.abs(down) > CLEARLY * Math.abs(across)) return down < 0 ? 'above' : 'below';
  return null;
}
