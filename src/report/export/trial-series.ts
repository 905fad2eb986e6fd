import type { StoreReader } from '../../store/reader.js';
import type { StageRow } from '../../store/rows.js';
import type { RunRecord } from '../observations.js';
import { settingsText, variantNumber } from '../settings.js';
import type { Scalar } from './tensorboard.js';

/** What was measured of one trial. */
export interface TrialSeries {
  /** Name of its folder or of its lines: number and seed. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly seed: number;
  /** Metrics of its own training, by step. */
  readonly training: readonly Scalar[];
  /** Its scores, at the step at which training ended. */
  readonly scores: readonly Scalar[];
}

/** Every finished trial's losses and scores; losses are there where this run computed the training. */
export function trialSeries(store: StoreReader, record: RunRecord): TrialSeries[] {
  const { run, variants, trials, stages, trialStages, scores } = record;
  const known = new Map(stages.map((stage) => [stage.key, stage]));
  return trials
    .filter(({ status }) => status === 'done')
    .map((trial) => {
      const variant = variants.find(({ id }) => id === trial.variantId)!;
      const trained = (trialStages.get(trial.id) ?? []).map((key) => known.get(key)).find(isTraining);
      const training = trained ? store.metrics(run.id, trained.key) : [];
      const last = training.reduce((most, { step }) => Math.max(most, step), 0);
      return {
        name: `variant-${variantNumber(variant)}-seed-${trial.seed}`,
        settings: variant.settings,
        title: settingsText(variant.settings),
        seed: trial.seed,
        training: training.map(({ name, step, value }) => ({ tag: `train/${name}`, step, value })),
        scores: scores
          .filter(({ trialId }) => trialId === trial.id)
          .map(({ task, shots, metric, condition, demonstrationSeed, value }) => ({
            tag: [
              'score',
              `${task}, ${metric}`,
              `${shots}-shot`,
              condition,
              ...(demonstrationSeed > 0 ? [`draw ${demonstrationSeed}`] : []),
            ].join('/'),
            step: last,
            value,
          })),
      };
    });
}

const isTraining = (stage: StageRow | undefined): boolean => stage?.kind === 'pretrain';
