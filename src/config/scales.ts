import type { EvaluationSpec } from './plan.js';
import type { DataKind, DataRecipe, DataSource, Recipe, ScaleName, TrainedEncoder, TrainedRecipe } from './recipe.js';
import { DEFAULT_TASKS } from './tasks.js';

/** The settings that grow and shrink with the scale, and how much of the corpus is used. */
export interface RecipeDefaults {
  readonly encoder: Pick<TrainedEncoder, 'keep_patches' | 'pictures' | 'steps' | 'batch' | 'learning_rate'>;
  readonly connector: Pick<Recipe['connector'], 'learning_rate'>;
  readonly language_model: TrainedRecipe['language_model'];
  readonly training: Recipe['training'];
  readonly data: Pick<DataRecipe, 'documents' | 'text_documents' | 'concepts' | 'text_tokens' | 'images'>;
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
const PAPER_ENCODER = { keep_patches: 729, pictures: 5e9, steps: 390_625, batch: 32_768, learning_rate: 4e-4 } as const;

/** MM1 does not say how its language models were trained on text: these are the numbers of its multimodal training. */
const PAPER_LANGUAGE_MODEL = { type: 'dense', steps: 200_000, batch: 512, seed: 0 } as const;

/** Concepts of the whole corpus: none is left out. */
const ALL_CONCEPTS = 2000;

/** MM1's sequence (section 3.3): 4,096 tokens, of which 16 pictures with 144 tokens each leave this many to the text. */
const PAPER_DATA = {
  documents: 1e9,
  text_documents: 1e9,
  concepts: ALL_CONCEPTS,
  text_tokens: 4096 - 16 * 144,
  images: 16,
} as const;

/**
 * What a recipe is at each scale where the grid says nothing else. Smoke and nano are measured. Micro, small and base have
 * never been run: their rates follow MM1's rule, their steps are guesses for one GPU. 3b, 7b and 30b are the paper's own.
 */
export const SCALES: Readonly<Record<ScaleName, RecipeDefaults>> = {
  smoke: {
    encoder: { keep_patches: 64, pictures: 150, steps: 60, batch: 16, learning_rate: 2e-3 },
    connector: { learning_rate: 3e-3 },
    language_model: { type: 'dense', steps: 120, batch: 8, learning_rate: 4e-3, seed: 0 },
    training: { ...TRAINING, steps: 60, batch: 8, learning_rate: 2e-3, warmup: 8 },
    data: { documents: 48, text_documents: 500, concepts: 48, text_tokens: 48, images: 2 },
    evaluation: { items: 32 },
  },
  nano: {
    encoder: { keep_patches: 96, pictures: 1000, steps: 650, batch: 64, learning_rate: 2e-3 },
    connector: { learning_rate: 3e-3 },
    language_model: { type: 'dense', steps: 300, batch: 16, learning_rate: 2e-3, seed: 0 },
    training: { ...TRAINING, steps: 280, batch: 4, learning_rate: 1e-3, warmup: 30 },
    data: { documents: 1000, text_documents: 20_000, concepts: 300, text_tokens: 128, images: 6 },
    evaluation: { items: 300 },
  },
  micro: {
    encoder: { keep_patches: 144, pictures: 3500, steps: 3000, batch: 128, learning_rate: 1e-3 },
    connector: { learning_rate: 2e-3 },
    language_model: { type: 'dense', steps: 2000, batch: 32, learning_rate: 1e-3, seed: 0 },
    training: { ...TRAINING, steps: 2000, batch: 32, learning_rate: 1e-3, warmup: 100 },
    data: { documents: 3000, text_documents: 50_000, concepts: 1000, text_tokens: 256, images: 8 },
    evaluation: { items: 500 },
  },
  small: {
    encoder: { keep_patches: 192, pictures: 6000, steps: 10_000, batch: 256, learning_rate: 1e-3 },
    connector: { learning_rate: 1e-3 },
    language_model: { type: 'dense', steps: 5000, batch: 64, learning_rate: 6.7e-4, seed: 0 },
    training: { ...TRAINING, steps: 5000, batch: 64, learning_rate: 6.7e-4, warmup: 250 },
    data: { documents: 20_000, text_documents: 200_000, concepts: ALL_CONCEPTS, text_tokens: 512, images: 8 },
    evaluation: { items: 1000 },
  },
  base: {
    encoder: { keep_patches: 288, pictures: 6000, steps: 30_000, batch: 1024, learning_rate: 5e-4 },
    connector: { learning_rate: 5e-4 },
    language_model: { type: 'dense', steps: 20_000, batch: 128, learning_rate: 2.6e-4, seed: 0 },
    training: { ...TRAINING, steps: 20_000, batch: 128, learning_rate: 2.6e-4, warmup: 1000 },
    data: { documents: 100_000, text_documents: 1_000_000, concepts: ALL_CONCEPTS, text_tokens: 1024, images: 16 },
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
    data: PAPER_DATA,
    evaluation: { items: 1000 },
  };
}

const builtIn = (...names: string[]): DataSource[] => names.map((source) => ({ source, weight: 1 }));

/** Where data of each kind comes from where the grid does not say: corpora that come with mm1. */
export const SOURCES: Readonly<Record<DataKind, readonly DataSource[]>> = {
  caption: builtIn('emoji'),
  interleaved: builtIn('emoji-languages', 'emoji-quizzes', 'emoji-schemes', 'world-documents'),
  text: builtIn('emoji-texts', 'novel', 'speeches', 'wordnet'),
  question: builtIn('emoji-questions'),
};

/**
 * The recipe of a grid that says nothing but its scale. What does not depend on the scale is the base of MM1's own
 * ablations (arXiv 2403.09611, section 3.1): CLIP's ViT-L/14 at 336 px, trained on DFN-5B and VeCap, a C-Abstractor with 144
 * tokens, and the paper's shares of the data: 45% captions, 45% interleaved documents and 10% text.
 */
export function defaultRecipe(scale: ScaleName): TrainedRecipe {
  const defaults = SCALES[scale];
  return {
    scale,
    precision: 'fp32',
    encoder: {
      type: 'clip',
      model: 'vit-l',
      patch: 14,
      resolution: 336,
      contrast: 'images',
      data: 'dfn-5b+vecap',
      seed: 0,
      ...defaults.encoder,
    },
    connector: { type: 'c-abstractor', tokens: 144, ...defaults.connector },
    language_model: defaults.language_model,
    data: {
      caption: 45,
      interleaved: 45,
      text: 10,
      question: 0,
      vecap: 0,
      caption_from: SOURCES.caption,
      interleaved_from: SOURCES.interleaved,
      text_from: SOURCES.text,
      question_from: [],
      ...defaults.data,
    },
    training: defaults.training,
  };
}

/** What every variant of a grid is asked where the grid does not say. */
export function defaultEvaluation(scale: ScaleName): EvaluationSpec {
  return {
    tasks: DEFAULT_TASKS.map((name) => ({ name })),
    shots: [0],
    demonstration_seeds: 1,
    prompts: {},
    ...SCALES[scale].evaluation,
  };
}
