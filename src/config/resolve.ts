import { type Checkpoints, checkpointOf } from './checkpoints.js';
import {
  AIM_MODELS,
  type Checkpoint,
  type LoadedEncoder,
  type Recipe,
  type ScaleName,
  type Settings,
  UNREDUCED_CONNECTORS,
} from './recipe.js';
import { defaultRecipe, MIXTURES, SOURCES } from './scales.js';
import { recipeSchema } from './schema.js';
import { pretrainingKinds, resolveSources, type Sources } from './sources.js';

const EXPERT_SETTINGS = ['language_model.experts', 'language_model.expert_every'];

/**
 * The base as it counts for one variant: where an axis makes some variants dense or autoregressive, or gives them no
 * captions, what the base says of experts, of CLIP's contrast or of rewritten captions is for the others.
 */
export function baseOf(base: Settings, settings: Settings): Settings {
  const { 'language_model.type': language, 'encoder.type': type, 'encoder.model': model } = settings;
  const others: string[] = [];
  if (language === 'dense') others.push(...EXPERT_SETTINGS);
  if (type === 'aim' || AIM_MODELS.some((name) => name === model)) others.push('encoder.contrast');
  if (settings['data.caption'] === 0) others.push('data.vecap');
  return Object.fromEntries(Object.entries(base).filter(([path]) => !others.includes(path)));
}

/**
 * One recipe: the scale's defaults, and in their place what the grid's base and the variant's axes say. Where neither says
 * how many visual tokens there are, a connector that keeps every patch has one for each. A part that a checkpoint gives has
 * no setting of a training.
 */
export function resolve(scale: ScaleName, settings: Settings, checkpoints: Checkpoints, sources: Sources): Recipe {
  const recipe: Record<string, unknown> = { ...defaultRecipe(scale) };
  for (const [path, value] of Object.entries(withWholeEncoder(settings))) {
    const [section, key] = path.split('.') as [string, string | undefined];
    if (key === undefined) recipe[section] = value;
    else if (key !== 'checkpoint') recipe[section] = { ...(recipe[section] as object), [key]: value };
  }
  const tower = checkpointOf('encoder', settings, checkpoints);
  if (tower) recipe.encoder = loadedEncoder(tower, settings);
  const decoder = checkpointOf('language_model', settings, checkpoints);
  if (decoder) recipe.language_model = { checkpoint: decoder };
  const { connector, encoder, language_model, data } = recipe as unknown as Recipe;
  const pretraining = pretrainingKinds({ encoder, language_model });
  recipe.data = resolveSources(data, settings, pretraining, SOURCES, sources);
  // A dense decoder has no experts, so that their number is no part of its identity; nor is a size that is the scale's own.
  const { size, ...settled } = language_model;
  const own = { ...settled, ...(size !== undefined && size !== scale && { size }) };
  recipe.language_model = settled.type === 'moe' ? { ...MIXTURES[size ?? scale], ...own } : own;
  if (UNREDUCED_CONNECTORS.includes(connector.type) && settings['connector.tokens'] === undefined) {
    // Absurd resolutions must reach the rules, which tell them, as a positive whole number.
    const side = Math.min(Math.max(1, Math.floor(encoder.resolution / encoder.patch)), 2 ** 26);
    recipe.connector = { ...connector, tokens: side ** 2 };
  }
  return recipeSchema.parse(recipe);
}

/** A vision tower that sees pictures as it was trained to, where the grid says nothing else. */
function loadedEncoder(checkpoint: Checkpoint, settings: Settings): LoadedEncoder {
  const own = { patch: Number(checkpoint.sizes.patch_size), image: Number(checkpoint.sizes.image_size) };
  const { 'encoder.patch': patch = own.patch, 'encoder.resolution': resolution = own.image - (own.image % own.patch) } =
    settings;
  return { type: 'clip', checkpoint, patch: Number(patch), resolution: Number(resolution) };
}

/** An encoder's type follows from its model; a type that is given alone brings its base model. */
function withWholeEncoder(settings: Settings): Settings {
  const { 'encoder.type': type, 'encoder.model': model } = settings;
  if (type === undefined && model !== undefined) {
    return { ...settings, 'encoder.type': AIM_MODELS.some((name) => name === model) ? 'aim' : 'clip' };
  }
  return type === 'aim' && model === undefined ? { ...settings, 'encoder.model': 'aim-1b' } : settings;
}
