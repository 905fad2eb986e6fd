import type { Plan } from '../config/plan.js';
import { Mm1Error } from '../errors.js';
import { stageGraph } from '../plan/graph.js';
import { StageCache } from '../store/cache.js';
import { cacheFolder } from '../store/place.js';
import type { StoreReader } from '../store/reader.js';
import type { RunRow, VariantRow } from '../store/rows.js';

/** A variant of a run that is trained, and where its parts lie. */
export interface TrainedVariant {
  readonly variant: VariantRow;
  readonly seed: number;
  /** Folder of a stage of its trial, by what it is: `pretrain`, `language-model`, `encoder`. */
  readonly folder: (kind: 'pretrain' | 'language-model' | 'encoder') => string;
}

/**
 * Finds the parts of a trained variant in the cache.
 * @param variant one of the run's
 * @param seed of a finished trial; the first one if left out
 * @throws Mm1Error E_NOT_TRAINED where no trial of it has finished, or its parts are not in the cache any more
 */
export function trainedVariant(
  store: StoreReader,
  run: RunRow,
  variant: VariantRow,
  runsFolder: string,
  seed?: number,
): TrainedVariant {
  const done = store.trials(run.id).filter((trial) => trial.variantId === variant.id && trial.status === 'done');
  const trial = seed === undefined ? done[0] : done.find((each) => each.seed === seed);
  if (!trial) {
    throw notTrained(
      seed === undefined ? 'no trial of the variant has finished' : `the variant has no finished trial of seed ${seed}`,
      run.id,
    );
  }
  // Checkpoints' folders are no part of any key: where they lay does not matter any more.
  const { encoder, language_model } = variant.recipe;
  const checkpoints = Object.fromEntries(
    [encoder.checkpoint, language_model.checkpoint].flatMap((checkpoint) =>
      checkpoint ? [[checkpoint.sha256, '']] : [],
    ),
  );
  const plan: Pick<Plan, 'variants' | 'seeds' | 'evaluation' | 'checkpoints'> = {
    variants: [variant],
    seeds: [trial.seed],
    evaluation: run.evaluation,
    checkpoints,
  };
  const { stages, trials } = stageGraph(plan, run.provenance.engine.name);
  const keys = trials[0]!.keys;
  const cache = new StageCache(cacheFolder(runsFolder));
  return {
    variant,
    seed: trial.seed,
    folder(kind) {
      const key = keys.find((each) => stages.get(each)!.kind === kind)!;
      if (!cache.has(key)) throw notTrained(`the cache has lost the ${kind} stage of the variant`, cache.folder(key));
      return cache.folder(key);
    },
  };
}

function notTrained(message: string, where: string): Mm1Error {
  return new Mm1Error(message, {
    code: 'E_NOT_TRAINED',
    where,
    remedy: 'Run the grid again: it computes what is missing.',
  });
}
