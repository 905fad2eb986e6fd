/** What the seed of an encoder or a language model says where each trial seed has a training of its own. */
export const OF_TRIAL = 'trial';

/** Seed of what trials share: a number, and one training serves all trial seeds; or the trial's own. */
export type OwnSeed = number | typeof OF_TRIAL;

/** Settings as one trial has them: a seed that is the trial's is a number. */
export function ofTrial<Settings extends { readonly seed?: OwnSeed | undefined }>(
  settings: Settings,
  seed: number,
): Settings {
  return settings.seed === OF_TRIAL ? { ...settings, seed } : settings;
}

/** The seed of a stage, which {@link ofTrial} made a number. */
export function fixedSeed(seed: OwnSeed): number {
  if (seed === OF_TRIAL) throw new Error('a stage was not given the seed of its trial');
  return seed;
}
