import type { EvaluationSpec, Recipe, ScaleName, TrainedEncoder, TrainedRecipe } from './recipe.js';

/** The settings that grow and shrink with the scale, and how much of the corpus is used. */
export interface RecipeDefaults {
  readonly encoder: Pick<TrainedEncoder, 'keep_patches' | 'steps' | 'batch' | 'learning_rate'>;
  readonly connector: Pick<Recipe['connector'], 'learning_rate'>;
  readonly language_model: TrainedRecipe['language_model'];
  readonly training: Recipe['training'];
  readonly data: Pick<Recipe['data'], 'concepts'>;
  readonly evaluation: Pick<EvaluationSpec, 'items'>;
}

/** What small trainings have in common: the encoder is frozen, so that its features are computed once for all variants. */
const TRAINING = {
  accumulate: 1,
  encoder_learning_rate: 1e-4,
  schedule: 'cosine',
  freeze: 'encoder',
  weight_decay: 0.1,
  clip: 1,
} as const;

/** MM1's own training (arXiv 2403.09611, section 3.3): nothing is frozen. It gives no rate of the encoder's own. */
const PAPER_TRAINING = {
  accumulate: 1,
  steps: 200_000,
  batch: 512,
  learning_rate: 'paper',
  schedule: 'cosine',
  warmup: 2000,
  freeze: 'none',
  weight_decay: 0.1,
  clip: 1,
} as const;

/** CLIP's own training of ViT-L on every patch (Radford et al., 2021, tables 18 and 20; 32 rounds of 400 million pictures). */
const PAPER_ENCODER = { keep_patches: 729, steps: 390_625, batch: 32_768, learning_rate: 4e-4 } as const;

/** MM1 does not say how its language models were trained on text: these are the numbers of its multimodal training. */
const PAPER_LANGUAGE_MODEL = { type: 'dense', steps: 200_000, batch: 512, seed: 0 } as const;

/** Concepts of the whole corpus: none is left out. */
const ALL_CONCEPTS = 2000;

/**
 * What a recipe is at each scale where the grid says nothing else. Smoke and nano are measured. Micro, small and base have
 * never been run: their rates follow MM1's rule, their steps are guesses for one GPU. 3b, 7b and 30b are the paper's own.
 */
export const SCALES: Readonly<Record<ScaleName, RecipeDefaults>> = {
  smoke: {
    encoder: { keep_patches: 64, steps: 60, batch: 16, learning_rate: 2e-3 },
    connector: { learning_rate: 3e-3 },
    language_model: { type: 'dense', steps: 120, batch: 8, learning_rate: 4e-3, seed: 0 },
    training: { ...TRAINING, steps: 60, batch: 8, learning_rate: 2e-3, warmup: 8 },
    data: { concepts: 48 },
    evaluation: { items: 32 },
  },
  nano: {
    encoder: { keep_patches: 96, steps: 650, batch: 64, learning_rate: 2e-3 },
    connector: { learning_rate: 3e-3 },
    language_model: { type: 'dense', steps: 300, batch: 16, learning_rate: 2e-3, seed: 0 },
    training: { ...TRAINING, steps: 280, batch: 16, learning_rate: 1e-3, warmup: 30 },
    data: { concepts: 300 },
    evaluation: { items: 300 },
  },
  micro: {
    encoder: { keep_patches: 144, steps: 3000, batch: 128, learning_rate: 1e-3 },
    connector: { learning_rate: 2e-3 },
    language_model: { type: 'dense', steps: 2000, batch: 32, learning_rate: 1e-3, seed: 0 },
    training: { ...TRAINING, steps: 2000, batch: 32, learning_rate: 1e-3, warmup: 100 },
    data: { concepts: 1000 },
    evaluation: { items: 500 },
  },
  small: {
    encoder: { keep_patches: 192, steps: 10_000, batch: 256, learning_rate: 1e-3 },
    connector: { learning_rate: 1e-3 },
    language_model: { type: 'dense', steps: 5000, batch: 64, learning_rate: 6.7e-4, seed: 0 },
    training: { ...TRAINING, steps: 5000, batch: 64, learning_rate: 6.7e-4, warmup: 250 },
    data: { concepts: ALL_CONCEPTS },
    evaluation: { items: 1000 },
  },
  base: {
    encoder: { keep_patches: 288, steps: 30_000, batch: 1024, learning_rate: 5e-4 },
    connector: { learning_rate: 5e-4 },
    language_model: { type: 'dense', steps: 20_000, batch: 128, learning_rate: 2.6e-4, seed: 0 },
    training: { ...TRAINING, steps: 20_000, batch: 128, learning_rate: 2.6e-4, warmup: 1000 },
    data: { concepts: ALL_CONCEPTS },
    evaluation: { items: 1000 },
  },
  '3b': paperScale(5.9e-5),
  '7b': paperScale(4.2e-5),
  '30b': paperScale(2.2e-5),
};

/** A decoder whose every n-th layer has experts in place of one MLP. */
export interface Mixture {
  readonly experts: number;
  readonly expert_every: number;
}

/**
 * The mixture of experts of each scale where the grid says nothing else; null where MM1 has none. 3b and 7b are the paper's
 * (section 3.4): 64B and 47B parameters in all, of which each token uses two experts a layer.
 */
export const MIXTURES: Readonly<Record<ScaleName, Mixture | null>> = {
  smoke: { experts: 2, expert_every: 2 },
  nano: { experts: 4, expert_every: 2 },
  micro: { experts: 4, expert_every: 2 },
  small: { experts: 8, expert_every: 2 },
  base: { experts: 16, expert_every: 2 },
  '3b': { experts: 64, expert_every: 2 },
  '7b': { experts: 32, expert_every: 4 },
  '30b': null,
};

/**
 * Defaults at a size of the paper's.
 * @param rate the rule's learning rate at that size, for the language model on text and for the encoder
 */
function paperScale(rate: number): RecipeDefaults {
  return {
    encoder: PAPER_ENCODER,
    connector: { learning_rate: 8e-5 },
    language_model: { ...PAPER_LANGUAGE_MODEL, learning_rate: rate },
    training: { ...PAPER_TRAINING, encoder_learning_rate: rate },
    data: { concepts: ALL_CONCEPTS },
    evaluation: { items: 1000 },
  };
}

/**
 * The recipe of a grid that says nothing but its scale. What does not depend on the scale is the base of MM1's own
 * ablations (arXiv 2403.09611, section 3.1): CLIP's ViT-L/14 at 336 px, a C-Abstractor with 144 tokens, and 45% captions,
 * 45% interleaved documents (questions about pictures stand in for them here) and 10% text.
 */
export function defaultRecipe(scale: ScaleName): TrainedRecipe {
  const defaults = SCALES[scale];
  return {
    scale,
    encoder: {
      type: 'clip',
      model: 'vit-l',
      patch: 14,
      resolution: 336,
      contrast: 'images',
      seed: 0,
      ...defaults.encoder,
    },
    connector: { type: 'c-abstractor', tokens: 144, ...defaults.connector },
    language_model: defaults.language_model,
    data: { caption: 45, question: 45, text: 10, ...defaults.data },
    training: defaults.training,
  };
}
