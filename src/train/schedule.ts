/**
 * Learning rate of one update as a share of the peak: linear warm-up from 0, then a cosine to `floor`.
 * With `floor` 0 it is transformers' get_cosine_schedule_with_warmup; MM1 decays to 10% of the peak (section 3.3).
 * @param step which update, from 0
 * @param steps updates in all
 */
export function warmupCosine(step: number, steps: number, warmup: number, floor: number): number {
  if (step < warmup) return step / Math.max(1, warmup);
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return floor + (1 - floor) * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}
