import { shotsOf } from '../config/plan.js';
import { isFrozen } from '../config/recipe.js';
import { contextLength, sequenceLength } from '../config/sequence-length.js';
import { decoderScale } from '../config/sizes.js';
import { CORPORA } from '../data/corpora/index.js';
import { type Looks, regionLooks, windowSide } from '../data/looks.js';
import { CONNECTORS } from '../model/connectors/index.js';
import { connectorFlops } from '../model/costs/connector.js';
import { decoderFlops } from '../model/costs/decoder.js';
import { aimFlops, aimHeadFlops, comparisonFlops, towerFlops, visionFlops } from '../model/costs/encoder.js';
import { memoryOf } from '../model/costs/memory.js';
import { total } from '../model/costs/products.js';
import { decoderSpecs } from '../model/decoder.js';
import { ENCODERS, type EncoderRecipe } from '../model/encoders/index.js';
import { multimodalConfig } from '../model/multimodal-config.js';
import { countParameters } from '../model/parameters.js';
import { aimConfig, aimHeadConfig, clipConfig, decoderConfig, visionConfig } from '../model/sizes.js';
import type { EncoderTrainingSpec, Stage, StageSpecs } from './stage.js';

/** What a stage has to do. */
export interface Work {
  /** Floating-point operations of its products; 0 where it computes none to speak of. */
  readonly flops: number;
  /** Documents, pictures or questions that it goes through where it computes none. */
  readonly pieces: number;
  /** Stages of one kind of work take as long for each operation, or each piece. */
  readonly like: string;
  /** Bytes that its result takes on the disk, about. */
  readonly disk: number;
}

/** A backward pass costs twice a forward pass. */
const TRAINING = 3;
/** A picture as it is, blind and shuffled: how often an item is asked. */
const CONDITIONS = 3;
/** Text tokens of a prompt, or of a demonstration, about. */
const PROMPT_TEXT = 24;
/** Bytes of a picture of a corpus, as bytes of its pixels. */
const CHANNELS = 3;

/** What a stage has to do, by its own slice of the recipe. */
export function workOf({ kind, spec }: Stage, vocabulary: number): Work {
  switch (kind) {
    case 'corpus':
      return corpusWork(spec as StageSpecs['corpus']);
    case 'questions':
      return questionsWork(spec as StageSpecs['questions']);
    case 'encoder':
      return encoderWork(spec as StageSpecs['encoder'], vocabulary);
    case 'features':
      return featuresWork(spec as StageSpecs['features']);
    case 'language-model':
      return languageWork(spec as StageSpecs['language-model'], vocabulary);
    case 'pretrain':
      return pretrainWork(spec as StageSpecs['pretrain'], vocabulary);
    case 'evaluate':
      return evaluateWork(spec as StageSpecs['evaluate'], vocabulary);
  }
}

function corpusWork({ kind, sources, documents, resolution }: StageSpecs['corpus']): Work {
  const pieces = sources.reduce((sum, { source }) => sum + Math.min(documents, held(source)), 0);
  const like = `corpus ${kind} ${sources.map(({ source }) => source).join('+')}`;
  return { flops: 0, pieces, like, disk: pieces * (resolution === null ? 500 : CHANNELS * resolution ** 2) };
}

/** Documents that a corpus holds, where mm1 brings it along; others are taken to hold as many as are asked for. */
function held(source: string): number {
  const corpus = CORPORA.find(({ name }) => name === source);
  return corpus?.counts?.documents ?? Number.POSITIVE_INFINITY;
}

function questionsWork({ evaluation, resolution }: StageSpecs['questions']): Work {
  const pieces = evaluation.tasks.length * evaluation.items;
  return { flops: 0, pieces, like: 'questions', disk: pieces * CHANNELS * resolution ** 2 };
}

/** Operations of an encoder on one picture of which it sees some patches. */
function pictureFlops(recipe: EncoderRecipe, seen: number): number {
  const { type, resolution, patch } = recipe.encoder;
  const all = (resolution / patch) ** 2;
  const flops = type === 'clip' ? visionFlops(visionConfig(recipe)) : aimFlops(aimConfig(recipe), all);
  const scores = flops['attention scores'] ?? 0;
  const share = Math.min(1, seen / all);
  return (total(flops) - scores) * share + scores * share ** 2;
}

function encoderWork(spec: StageSpecs['encoder'], vocabulary: number): Work {
  if ('loaded' in spec) return { flops: 0, pieces: 1, like: 'encoder checkpoint', disk: 0 };
  const { scale, precision, encoder } = spec.recipe;
  const parameters = countParameters(ENCODERS[encoder.type].specs(spec.recipe));
  const step = encoder.type === 'aim' ? aimStep(spec.recipe) : clipStep(spec.recipe, vocabulary);
  const like = `encoder ${scale} ${encoder.type} ${encoder.contrast} ${precision}`;
  return { flops: TRAINING * encoder.steps * step, pieces: encoder.steps, like, disk: memoryOf(parameters).weights };
}

/** Operations of a forward pass of AIM's pre-training: trunk and head on windows of pictures. */
function aimStep(recipe: EncoderTrainingSpec['recipe']): number {
  const { batch, keep_patches, resolution, patch } = recipe.encoder;
  const seen = windowSide(resolution / patch, keep_patches) ** 2;
  return batch * (pictureFlops(recipe, seen) + total(aimHeadFlops(aimConfig(recipe), aimHeadConfig(recipe), seen)));
}

/** Operations of a forward pass of CLIP's pre-training: pictures, or parts of them, and as many texts. */
function clipStep(recipe: EncoderTrainingSpec['recipe'], vocabulary: number): number {
  const { batch, contrast, keep_patches, resolution, patch } = recipe.encoder;
  const config = clipConfig(recipe, vocabulary);
  const compared = (count: number) =>
    count * total(towerFlops(config.text, config.text.max_position_embeddings)) +
    total(comparisonFlops(config, count, count));
  if (contrast !== 'regions') return batch * pictureFlops(recipe, keep_patches) + compared(batch);
  const grid = resolution / patch;
  const onRegions = ({ pictures, keepPatches, regions }: Looks) => {
    const seen = windowSide(grid, keepPatches) ** 2;
    const means = 2 * regions * seen * config.vision.hidden_size;
    return pictures * (pictureFlops(recipe, seen) + means) + compared(pictures * regions);
  };
  const { windows, whole } = regionLooks(grid, batch, keep_patches);
  return (onRegions(windows) + onRegions(whole)) / 2;
}

/** Features of pictures: their number is what the stage before it takes, which its key does not say; the plan tells it. */
function featuresWork({ recipe }: StageSpecs['features']): Work {
  const { resolution, patch } = recipe.encoder;
  const patches = (resolution / patch) ** 2;
  const width = ENCODERS[recipe.encoder.type].width(recipe);
  const flops = pictureFlops(recipe, patches);
  return {
    flops,
    pieces: 1,
    like: `features ${recipe.scale} ${recipe.encoder.type}`,
    disk: memoryOf(patches * width).weights,
  };
}

function languageWork(spec: StageSpecs['language-model'], vocabulary: number): Work {
  if ('loaded' in spec) return { flops: 0, pieces: 1, like: 'language-model checkpoint', disk: 0 };
  const { precision, language_model, data } = spec.recipe;
  const config = decoderConfig(spec.recipe, vocabulary);
  const specs = decoderSpecs(config);
  const tokens = language_model.steps * language_model.batch * data.text_tokens;
  const flops = TRAINING * tokens * total(decoderFlops(config, specs, data.text_tokens));
  const like = `language-model ${decoderScale(spec.recipe)} ${language_model.type} ${precision}`;
  return { flops, pieces: language_model.steps, like, disk: memoryOf(countParameters(specs)).weights };
}

function pretrainWork({ recipe }: StageSpecs['pretrain'], vocabulary: number): Work {
  const { training, connector, data, precision } = recipe;
  const config = multimodalConfig(recipe, vocabulary);
  const specs = decoderSpecs(config.decoder);
  const sequence = sequenceLength(data, connector.tokens);
  const frozen = isFrozen(training.freeze, 'encoder');
  const patches = (recipe.encoder.resolution / recipe.encoder.patch) ** 2;
  const connected = total(connectorFlops(connector.type, config.connector));
  const pictures = data.images * (connected + (frozen ? 0 : pictureFlops(recipe, patches)));
  const step = training.batch * (sequence * total(decoderFlops(config.decoder, specs, sequence)) + pictures);
  const parameters = countParameters(specs) + countParameters(CONNECTORS[connector.type].specs(config.connector));
  const like = `pretrain ${decoderScale(recipe)} ${connector.type} ${training.freeze} ${precision}`;
  return { flops: TRAINING * training.steps * step, pieces: training.steps, like, disk: memoryOf(parameters).weights };
}

function evaluateWork({ recipe, evaluation }: StageSpecs['evaluate'], vocabulary: number): Work {
  const { connector, decoder: config } = multimodalConfig(recipe, vocabulary);
  const connected = total(connectorFlops(connector.type, connector));
  const specs = decoderSpecs(config);
  let [answers, flops] = [0, 0];
  for (const shots of evaluation.tasks.flatMap((task) => shotsOf(task, evaluation))) {
    const asked = evaluation.items * CONDITIONS * (shots > 0 ? evaluation.demonstration_seeds : 1);
    // Demonstrations are read once for all items that share them.
    const context = Math.min(contextLength(recipe), (shots + 1) * (recipe.connector.tokens + PROMPT_TEXT));
    const own = recipe.connector.tokens + PROMPT_TEXT;
    answers += asked;
    flops += asked * (own * total(decoderFlops(config, specs, context)) + connected);
  }
  const names = evaluation.tasks.map(({ name }) => name).join('+');
  return { flops, pieces: answers, like: `evaluate ${decoderScale(recipe)} ${names}`, disk: 500 * answers };
}
