import type { DesignKind } from '../plan.js';
import type { DesignMaker } from './design.js';
import { fraction } from './fraction.js';
import { full } from './full.js';
import { oneAtATime } from './one-at-a-time.js';

export type { Cell } from './design.js';

/** The designs by the name that a grid gives. */
export const DESIGNS: Readonly<Record<DesignKind, DesignMaker>> = { full, 'one-at-a-time': oneAtATime, fraction };
