import { collages, scaledDrawings } from '../../../data/collage.js';
import type { Concept } from '../../../data/emoji/corpus.js';
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
import { loadTrainingPictures } from './pictures.js';

/** CLIP's own betas and epsilon (Radford et al., 2021, table 18), and its weight decay of 0.2. */
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2, clip: 1 };
const WARMUP_SHARE = 0.1;
/** Most drawings of a collage, where the loss is over regions; two or three on average. */
const REGIONS = 4;

/** Pre-trains both of CLIP's towers with its contrastive loss, over whole pictures or over regions of collages of them. */
export async function trainClip({ recipe, concepts }: EncoderTrainingSpec, context: StageContext): Promise<Summary> {
  const settings = recipe.encoder;
  const tokenizer = loadTokenizer();
  const config = clipConfig(recipe, tokenizer.vocabularySize);
  const loaded = await loadTrainingPictures(context.parent('images'), concepts);
  const pictures = { ...loaded, patch: settings.patch, drawings: byConcept(loaded.concepts) };
  const training = {
    parameters: initialise(clipSpecs(config), settings.seed),
    steps: settings.steps,
    learningRate: settings.learning_rate,
    warmup: Math.round(settings.steps * WARMUP_SHARE),
    adam: ADAM,
    seed: settings.seed,
    save: (folder: string, weights: Parameters) => saveClip(folder, config, weights, specialTokens(tokenizer)),
  };
  const drawn = {
    batch: settings.batch,
    keepPatches: settings.keep_patches,
    seed: settings.seed,
    tokens: config.text.max_position_embeddings,
  };

  const onImages = () =>
    trainStage(context, {
      ...training,
      batch: (step) => contrastiveBatch(pictures, drawn, tokenizer, step),
      loss: (weights, batch) => contrastiveLoss(clip(weights, config, batch).logits),
    });

  const onRegions = () => {
    const scaled = scaledDrawings(pictures);
    const made = { pictures: settings.batch, regions: REGIONS, seed: settings.seed };
    const phrases = Math.min(settings.batch * REGIONS, pictures.drawings.length); // a concept has one phrase a step
    const cut = { ...drawn, resolution: pictures.resolution, patch: settings.patch, regions: REGIONS, phrases };
    return trainStage(context, {
      ...training,
      batch: (step) => regionBatch(collages(scaled, made, step), cut, tokenizer, step),
      loss: (weights, batch) => regionLoss(clipRegions(weights, config, batch).logits, batch.filled, batch.names),
    });
  };

  const { parameters, loss } = await (settings.contrast === 'regions' ? onRegions() : onImages());
  return { parameters, pictures: loaded.concepts.length, concepts: pictures.drawings.length, loss };
}

/** Each concept once, with the places of its pictures. */
function byConcept(concepts: readonly Concept[]): { concept: Concept; pictures: number[] }[] {
  const places = new Map<Concept, number[]>();
  concepts.forEach((concept, place) => {
    places.set(concept, [...(places.get(concept) ?? []), place]);
  });
  return [...places].map(([concept, pictures]) => ({ concept, pictures }));
}
