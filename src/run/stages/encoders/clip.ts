import { type CaptionCorpus, openCaptionCorpus } from '../../../data/caption-corpus.js';
import { countTexts } from '../../../data/caption-texts.js';
import { ENCODER_SETS } from '../../../data/encoder-sets.js';
import { namedPictures } from '../../../data/named-pictures.js';
import { loadTokenizer, specialTokens } from '../../../data/tokenizer/index.js';
import { clip, clipSpecs, contrastiveLoss } from '../../../model/clip.js';
import { clipRegions, regionLoss } from '../../../model/clip-regions.js';
import { saveClip } from '../../../model/huggingface/index.js';
import { initialise, type Parameters } from '../../../model/parameters.js';
import { clipConfig } from '../../../model/sizes.js';
import type { EncoderTrainingSpec } from '../../../plan/stage.js';
import { contrastiveBatch, regionBatch } from '../../../train/contrastive.js';
import type { StageContext, Summary } from '../stage-kind.js';
import { trainStage } from '../training.js';
import { TextTally } from './text-tally.js';

/** CLIP's own betas and epsilon (Radford et al., 2021, table 18), and its weight decay of 0.2. */
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2, clip: 1 };
const WARMUP_SHARE = 0.1;
/** Most regions of a picture that count, where the loss is over regions; a collage has two or three on average. */
const REGIONS = 4;

/** Pre-trains both of CLIP's towers with its contrastive loss, over whole pictures or over named parts of pictures. */
export async function trainClip(spec: EncoderTrainingSpec, context: StageContext): Promise<Summary> {
  const corpus = await openCaptionCorpus(context.parent('corpus'));
  try {
    return await trainOn(corpus, spec, context);
  } finally {
    await corpus.close();
  }
}

async function trainOn(
  corpus: CaptionCorpus,
  { recipe }: EncoderTrainingSpec,
  context: StageContext,
): Promise<Summary> {
  const settings = recipe.encoder;
  const tokenizer = loadTokenizer();
  const config = clipConfig(recipe, tokenizer.vocabularySize);
  const shares = ENCODER_SETS[settings.data];
  const tally = new TextTally();
  const training = {
    parameters: initialise(clipSpecs(config), settings.seed),
    steps: settings.steps,
    learningRate: settings.learning_rate,
    warmup: Math.round(settings.steps * WARMUP_SHARE),
    adam: ADAM,
    seed: settings.seed,
    data: (step: number) => tally.before(step),
    restore: (data: unknown, step: number) => tally.restore(data, step),
    save: (folder: string, weights: Parameters) => saveClip(folder, config, weights, specialTokens(tokenizer)),
  };
  const cut = {
    patch: settings.patch,
    keepPatches: settings.keep_patches,
    seed: settings.seed,
    tokens: config.text.max_position_embeddings,
  };

  const onImages = () =>
    trainStage(context, {
      ...training,
      async batch(step) {
        const drawn = { ...cut, ...shares, batch: settings.batch };
        const { batch, texts } = await contrastiveBatch(corpus, drawn, tokenizer, step);
        tally.add(step, texts);
        return batch;
      },
      loss: (weights, batch) => contrastiveLoss(clip(weights, config, batch).logits),
    });

  const onRegions = () => {
    const drawn = { ...shares, pictures: settings.batch, drawings: REGIONS, seed: settings.seed };
    const slots = settings.batch * REGIONS;
    // A first text has one phrase a step; parts have phrases of their own.
    const phrases = corpus.withParts.length > 0 ? slots : Math.min(slots, corpus.distinct);
    const { resolution } = corpus.pool;
    return trainStage(context, {
      ...training,
      async batch(step) {
        const { pictures, texts } = await namedPictures(corpus, drawn, step);
        tally.add(step, countTexts(texts));
        return regionBatch(pictures, { ...cut, resolution, regions: REGIONS, phrases }, tokenizer, step);
      },
      loss: (weights, batch) => regionLoss(clipRegions(weights, config, batch).logits, batch.filled, batch.names),
    });
  };

  const { parameters, loss, waiting } = await (settings.contrast === 'regions' ? onRegions() : onImages());
  return {
    parameters,
    'trained on': settings.data,
    pictures: corpus.pool.count,
    'first texts': corpus.distinct,
    'rewritten texts, %': tally.percentage('rewritten', settings.steps),
    'mismatched texts, %': tally.percentage('mismatched', settings.steps),
    'waiting for data, %': waiting,
    loss,
  };
}
