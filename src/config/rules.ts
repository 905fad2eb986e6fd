import { type EvaluationSpec, shotsOf } from './plan.js';
import {
  AIM_MODELS,
  CLIP_MODELS,
  DATA_KINDS,
  type EncoderModel,
  type EncoderType,
  isFrozen,
  PARTS,
  type Recipe,
  UNREDUCED_CONNECTORS,
} from './recipe.js';
import { contextLength, sequenceLength } from './sequence-length.js';
import { decoderScale, SIZES } from './sizes.js';
import { pretrainingKinds } from './sources.js';
import { showsPictures } from './tasks.js';

/** A rule between settings that a recipe breaks. */
export interface Breach {
  /** The settings that take part, the one most likely meant to change first. */
  readonly paths: readonly string[];
  readonly message: string;
}

/** Models of each type of encoder. */
const MODELS: Readonly<Record<EncoderType, readonly EncoderModel[]>> = { clip: CLIP_MODELS, aim: AIM_MODELS };
/** Smallest side, in patches, of what AIM's pre-training sees: a prefix and a patch behind it need two patches. */
const SMALLEST_WINDOW = 2;

/** Everything that is wrong with a recipe whose settings are valid one by one. */
export function checkRules(recipe: Recipe): Breach[] {
  const breaches: Breach[] = [];
  const { type, model, resolution, patch, keep_patches, checkpoint } = recipe.encoder;
  if (checkpoint && patch !== checkpoint.sizes.patch_size) {
    breaches.push({
      paths: ['encoder.patch', 'encoder.checkpoint'],
      message: `the checkpoint of the encoder has patches of ${checkpoint.sizes.patch_size} px, not ${patch}: write ${checkpoint.sizes.patch_size}, or leave encoder.patch out`,
    });
  }
  if (model !== undefined && !MODELS[type].includes(model)) {
    breaches.push({
      paths: ['encoder.model', 'encoder.type'],
      message: `the encoder model ${model} is not of type ${type}, whose models are: ${MODELS[type].join(', ')}`,
    });
  }
  const side = Math.floor(resolution / patch);
  if (resolution % patch !== 0) {
    const nearest = [side * patch, (side + 1) * patch].filter((size) => size > 0);
    breaches.push({
      paths: ['encoder.resolution', 'encoder.patch'],
      message: `a resolution of ${resolution} px is no multiple of the patch of ${patch} px; the nearest: ${nearest.join(', ')}`,
    });
  } else if (UNREDUCED_CONNECTORS.includes(recipe.connector.type) && recipe.connector.tokens !== side ** 2) {
    breaches.push({
      paths: ['connector.tokens', 'connector.type', 'encoder.resolution', 'encoder.patch'],
      message: `the connector ${recipe.connector.type} makes a visual token of each of the ${side ** 2} patches (${side} x ${side}) of a ${resolution}-px picture with patches of ${patch} px, not ${recipe.connector.tokens}: write ${side ** 2}, or leave connector.tokens out`,
    });
  } else if (recipe.connector.tokens > side ** 2) {
    breaches.push({
      paths: ['connector.tokens', 'encoder.resolution', 'encoder.patch'],
      message: `${recipe.connector.tokens} visual tokens are more than the ${side ** 2} patches (${side} x ${side}) of a ${resolution}-px picture with patches of ${patch} px`,
    });
  }
  if (type === 'aim' && Math.min(side, Math.sqrt(keep_patches)) < SMALLEST_WINDOW) {
    breaches.push({
      paths: ['encoder.keep_patches', 'encoder.resolution', 'encoder.patch'],
      message: `AIM predicts patches from those before them and needs 2 x 2 at least: a picture has ${side ** 2}, of which ${keep_patches} may be kept`,
    });
  }
  if (type === 'aim' && recipe.encoder.contrast === 'regions') {
    breaches.push({
      paths: ['encoder.contrast', 'encoder.model', 'encoder.type'],
      message: 'AIM predicts pixels and contrasts nothing: encoder.contrast: regions is for CLIP',
    });
  }
  breaches.push(...checkExperts(recipe));
  breaches.push(...checkData(recipe));
  const { warmup, steps, batch, accumulate, freeze } = recipe.training;
  if (batch % accumulate !== 0) {
    breaches.push({
      paths: ['training.accumulate', 'training.batch'],
      message: `a batch of ${batch} sequences cannot be computed in ${accumulate} equal parts`,
    });
  }
  if (PARTS.every((part) => isFrozen(freeze, part))) {
    breaches.push({
      paths: ['training.freeze'],
      message: 'encoder, connector and language model are all frozen: there is nothing to train',
    });
  }
  if (warmup > steps) {
    breaches.push({
      paths: ['training.warmup', 'training.steps'],
      message: `a warm-up of ${warmup} steps is longer than the training of ${steps}`,
    });
  }
  return breaches;
}

/** Every kind of data that is drawn comes from somewhere, and its pictures have room. */
function checkData(recipe: Recipe): Breach[] {
  const { data } = recipe;
  const drawn = DATA_KINDS.filter((kind) => data[kind] > 0);
  if (drawn.length === 0) {
    return [
      {
        paths: DATA_KINDS.map((kind) => `data.${kind}`),
        message: 'the weights of caption, interleaved, text and question are all 0: there is nothing to train on',
      },
    ];
  }
  const breaches: Breach[] = [];
  for (const kind of DATA_KINDS) {
    if (!drawn.includes(kind) && !pretrainingKinds(recipe).includes(kind)) continue;
    const sources = data[`${kind}_from`];
    if (sources.some(({ weight }) => weight > 0)) continue;
    const what = sources.length === 0 ? 'names no source' : 'gives all of its sources the weight 0';
    const why = drawn.includes(kind)
      ? `${kind} data has the weight ${data[kind]}`
      : `the ${kind === 'caption' ? 'encoder' : 'language model'} is trained on ${kind} data`;
    breaches.push({ paths: [`data.${kind}_from`, `data.${kind}`], message: `data.${kind}_from ${what}, and ${why}` });
  }
  if (data.vecap > 0 && data.caption === 0) {
    breaches.push({
      paths: ['data.vecap', 'data.caption'],
      message: `a share of ${data.vecap} of the captions is rewritten, and no captions are drawn: data.caption is 0`,
    });
  }
  const [shown] = drawn.filter((kind) => kind !== 'text');
  if (shown !== undefined && data.images === 0) {
    breaches.push({
      paths: ['data.images', `data.${shown}`],
      message: `a sequence has no room for a picture, and ${shown} data has the weight ${data[shown]}`,
    });
  }
  return breaches;
}

/** A dense decoder has no experts; a mixture knows their number and their layers, from the grid or from its scale. */
function checkExperts(recipe: Recipe): Breach[] {
  const { language_model } = recipe;
  if (language_model.checkpoint) return [];
  const scale = decoderScale(recipe);
  const settings = (['experts', 'expert_every'] as const).map((key) => ({
    path: `language_model.${key}`,
    given: language_model[key] !== undefined,
  }));
  if (language_model.type === 'dense') {
    const given = settings.filter((setting) => setting.given);
    return given.map(({ path }) => ({
      paths: [path, 'language_model.type'],
      message: `a dense language model has no experts: set language_model.type to moe, or leave ${path} out`,
    }));
  }
  const missing = settings.filter((setting) => !setting.given).map(({ path }) => path);
  const { layers } = SIZES[scale].decoder;
  if (missing.length === 0 && language_model.expert_every! > layers) {
    return [
      {
        paths: ['language_model.expert_every'],
        message: `the decoder has ${layers} layers at ${scale}: experts in every ${language_model.expert_every} layers are in none`,
      },
    ];
  }
  if (missing.length === 0) return [];
  return [
    {
      paths: ['language_model.type'],
      message: `MM1 has no mixture of experts at ${scale}: say how it is made with ${missing.join(' and ')}`,
    },
  ];
}

/** Numbers of shots at which the pictures alone of a query and its demonstrations are longer than any prompt may be. */
export function checkShots(
  recipe: Recipe,
  evaluation: Pick<EvaluationSpec, 'tasks' | 'shots'>,
): (Breach & { readonly shots: number })[] {
  const shots = new Set(evaluation.tasks.filter(showsPictures).flatMap((task) => shotsOf(task, evaluation)));
  const { type, tokens } = recipe.connector;
  const { text_tokens, images } = recipe.data;
  const room = contextLength(recipe);
  const trained = room === sequenceLength({ text_tokens, images }, tokens);
  const fitting = Math.floor(room / tokens);
  const patches = UNREDUCED_CONNECTORS.includes(type) ? ['encoder.resolution', 'encoder.patch'] : [];
  return [...shots]
    .filter((number) => number + 1 > fitting)
    .map((number) => {
      const pictures = number + 1;
      const remedies = [
        ...(fitting > 0 ? [`at most ${fitting - 1} shots`] : []),
        ...(trained ? [`data.images: ${Math.ceil((pictures * tokens - text_tokens) / tokens)}`] : []),
      ];
      const shown = `${number} shots show ${pictures} ${pictures === 1 ? 'picture' : 'pictures'} of ${tokens} tokens`;
      const where = trained ? 'a training sequence of this variant' : 'the language model of this variant';
      return {
        shots: number,
        paths: ['data.images', 'data.text_tokens', 'connector.tokens', ...patches, 'language_model.checkpoint'],
        message: `${shown}, and ${where} has room for ${room} positions${remedies.length > 0 ? `: ${remedies.join(', or ')}` : ''}`,
      };
    });
}
