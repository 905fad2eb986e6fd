import { type Concept, loadEmojiCorpus, trainingImages } from '../../data/emoji/corpus.js';
import { openImageSet } from '../../data/image-set.js';
import { loadTokenizer } from '../../data/tokenizer/index.js';
import { clip, clipSpecs, contrastiveLoss } from '../../model/clip.js';
import { initialise } from '../../model/parameters.js';
import { clipConfig } from '../../model/sizes.js';
import { type ContrastivePictures, contrastiveBatch } from '../../train/contrastive.js';
import type { StageRunner } from './stage-kind.js';
import { trainStage } from './training.js';

/** CLIP's own betas and epsilon (Radford et al., 2021, table 18), and its weight decay of 0.2. */
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2, clip: 1 };
const WARMUP_SHARE = 0.1;

/** Pre-trains an encoder with CLIP's loss on the training pictures. */
export const encoder: StageRunner<'encoder'> = async ({ recipe, concepts }, context) => {
  const settings = recipe.encoder;
  const tokenizer = loadTokenizer();
  const config = clipConfig(recipe, tokenizer.vocabularySize);
  const pictures = await loadPictures(context.parent('images'), concepts, settings.patch);
  const { parameters, loss } = await trainStage(context, {
    parameters: initialise(clipSpecs(config), settings.seed),
    batch: (step) =>
      contrastiveBatch(
        pictures,
        {
          batch: settings.batch,
          keepPatches: settings.keep_patches,
          seed: settings.seed,
          tokens: config.text.max_position_embeddings,
        },
        tokenizer,
        step,
      ),
    loss: (weights, batch) => contrastiveLoss(clip(weights, config, batch).logits),
    steps: settings.steps,
    learningRate: settings.learning_rate,
    warmup: Math.round(settings.steps * WARMUP_SHARE),
    adam: ADAM,
  });
  return {
    parameters,
    pictures: pictures.drawings.reduce((total, { pictures: places }) => total + places.length, 0),
    concepts: pictures.drawings.length,
    loss,
  };
};

async function loadPictures(folder: string, concepts: number, patch: number): Promise<ContrastivePictures> {
  const corpus = loadEmojiCorpus({ concepts });
  const set = await openImageSet(folder);
  const drawn = trainingImages(corpus).filter(({ id }) => set.indexOf(id) >= 0);
  const pixels = await set.decodeAll(drawn.map(({ id }) => set.indexOf(id)));
  await set.close();
  const places = new Map<Concept, number[]>();
  drawn.forEach(({ concept }, place) => {
    places.set(concept, [...(places.get(concept) ?? []), place]);
  });
  const drawings = [...places].map(([concept, pictures]) => ({ concept, pictures }));
  return { pixels, resolution: set.resolution, patch, drawings };
}
