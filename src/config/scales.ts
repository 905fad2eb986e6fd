import type { EvaluationSpec, Recipe, ScaleName } from './recipe.js';

/** The settings that grow and shrink with the scale, and how much of the corpus is used. */
export interface RecipeDefaults {
  readonly encoder: Pick<Recipe['encoder'], 'keep_patches' | 'steps' | 'batch' | 'learning_rate'>;
  readonly connector: Pick<Recipe['connector'], 'learning_rate'>;
  readonly language_model: Recipe['language_model'];
  readonly training: Recipe['training'];
  readonly data: Pick<Recipe['data'], 'concepts'>;
  readonly evaluation: Pick<EvaluationSpec, 'items'>;
}

/** What a recipe is at each scale where the grid says nothing else. */
export const SCALES: Readonly<Record<ScaleName, RecipeDefaults>> = {
  smoke: {
    encoder: { keep_patches: 64, steps: 60, batch: 16, learning_rate: 2e-3 },
    connector: { learning_rate: 3e-3 },
    language_model: { type: 'dense', steps: 120, batch: 8, learning_rate: 4e-3, seed: 0 },
    training: { steps: 60, batch: 8, learning_rate: 2e-3, weight_decay: 0.1, clip: 1, warmup: 8 },
    data: { concepts: 48 },
    evaluation: { items: 32 },
  },
  nano: {
    encoder: { keep_patches: 96, steps: 650, batch: 64, learning_rate: 2e-3 },
    connector: { learning_rate: 3e-3 },
    language_model: { type: 'dense', steps: 300, batch: 16, learning_rate: 2e-3, seed: 0 },
    training: { steps: 280, batch: 16, learning_rate: 1e-3, weight_decay: 0.1, clip: 1, warmup: 30 },
    data: { concepts: 300 },
    evaluation: { items: 300 },
  },
};

/**
 * The recipe of a grid that says nothing but its scale. What does not depend on the scale is the base of MM1's own
 * ablations (arXiv 2403.09611, section 3.1): CLIP's ViT-L/14 at 336 px, a C-Abstractor with 144 tokens, and 45% captions,
 * 45% interleaved documents (questions about pictures stand in for them here) and 10% text.
 */
export function defaultRecipe(scale: ScaleName): Recipe {
  const defaults = SCALES[scale];
  return {
    scale,
    encoder: { type: 'clip', model: 'vit-l', patch: 14, resolution: 336, seed: 0, ...defaults.encoder },
    connector: { type: 'c-abstractor', tokens: 144, ...defaults.connector },
    language_model: defaults.language_model,
    data: { caption: 45, question: 45, text: 10, ...defaults.data },
    training: defaults.training,
  };
}
