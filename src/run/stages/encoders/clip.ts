import { fixedSeed } from '../../../config/own-seed.js';
import type { TextCounts } from '../../../data/caption-texts.js';
import { ENCODER_SETS } from '../../../data/encoder-sets.js';
import { loadTokenizer, specialTokens } from '../../../data/tokenizer/index.js';
import { clip, clipSpecs, contrastiveLoss } from '../../../model/clip.js';
import { clipRegions, regionLoss } from '../../../model/clip-regions.js';
import { saveClip } from '../../../model/huggingface/index.js';
import { initialise, type Parameters } from '../../../model/parameters.js';
import { clipConfig } from '../../../model/sizes.js';
import type { EncoderTrainingSpec } from '../../../plan/stage.js';
import { openBatches } from '../../../train/batches/open.js';
import { textPercentage } from '../../../train/batches/text-counts.js';
import type { StageContext, Summary } from '../stage-kind.js';
import { trainStage } from '../training.js';

/** CLIP's own betas and epsilon (Radford et al., 2021, table 18), and its weight decay of 0.2. */
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2, clip: 1 };
const WARMUP_SHARE = 0.1;

/** Pre-trains both of CLIP's towers with its contrastive loss, over whole pictures or over named parts of pictures. */
export async function trainClip({ recipe }: EncoderTrainingSpec, context: StageContext): Promise<Summary> {
  const settings = recipe.encoder;
  const tokenizer = loadTokenizer();
  const config = clipConfig(recipe, tokenizer.vocabularySize);
  const seed = fixedSeed(settings.seed);
  const { rewritten, mismatched } = ENCODER_SETS[settings.data];
  const training = {
    parameters: initialise(clipSpecs(config), seed),
    steps: settings.steps,
    learningRate: settings.learning_rate,
    warmup: Math.round(settings.steps * WARMUP_SHARE),
    adam: ADAM,
    precision: recipe.precision,
    seed,
    save: (folder: string, weights: Parameters) => saveClip(folder, config, weights, specialTokens(tokenizer)),
  };
  const drawn = {
    corpus: context.parent('corpus'),
    rewritten,
    mismatched,
    batch: settings.batch,
    patch: settings.patch,
    keepPatches: settings.keep_patches,
    seed,
    tokens: config.text.max_position_embeddings,
  };

  const onImages = () =>
    trainStage(context, {
      ...training,
      open: () => openBatches('contrastive', drawn),
      loss: (weights, batch) => contrastiveLoss(clip(weights, config, batch).logits),
    });
  const onRegions = () =>
    trainStage(context, {
      ...training,
      open: () => openBatches('regions', drawn),
      loss: (weights, batch) => regionLoss(clipRegions(weights, config, batch).logits, batch.filled, batch.names),
    });

  const trained = await (settings.contrast === 'regions' ? onRegions() : onImages());
  const texts = trained.data as TextCounts;
  return {
    parameters: trained.parameters,
    'trained on': settings.data,
    ...trained.facts,
    'rewritten texts, %': textPercentage('rewritten', texts),
    'mismatched texts, %': textPercentage('mismatched', texts),
    ...trained.waiting,
    loss: trained.loss,
  };
}
