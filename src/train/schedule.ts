import type { ScheduleName } from '../config/recipe.js';

/** Where a training is, and how its rate moves. */
export interface ScheduleStep {
  /** Which update, from 0. */
  readonly step: number;
  /** Updates in all. */
  readonly steps: number;
  readonly warmup: number;
  /** Share of the peak that the rate ends at. */
  readonly floor: number;
  /** Waves of the cosine; half a wave is one way down. */
  readonly cycles?: number;
}

/** Share of the peak after the warm-up, by how much of the rest is done, from 0 to 1. */
const SHAPES: Readonly<Record<ScheduleName, (progress: number, cycles: number) => number>> = {
  cosine: (progress, cycles) => 0.5 * (1 + Math.cos(2 * Math.PI * cycles * progress)),
  linear: (progress) => Math.max(0, 1 - progress),
  constant: () => 1,
};

/**
 * Learning rate of one update as a share of the peak: linear warm-up from 0, then down to the floor (transformers'
 * get_*_schedule_with_warmup). MM1's is a cosine to 10% of the peak (section 3.3).
 */
export function scheduleShare(name: ScheduleName, { step, steps, warmup, floor, cycles = 0.5 }: ScheduleStep): number {
  if (step < warmup) return step / Math.max(1, warmup);
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return floor + (1 - floor) * SHAPES[name](progress, cycles);
}
