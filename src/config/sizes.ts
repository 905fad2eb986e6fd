import type { AimModel, ClipModel, Recipe, ScaleName } from './recipe.js';

/** A stack of transformer blocks. */
export interface TowerSize {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** CLIP's picture tower, the text tower that it is trained with, and the width of the space that they share. */
export interface ClipSize {
  readonly vision: TowerSize;
  readonly text: TowerSize;
  readonly projection: number;
}

export interface DecoderSize extends TowerSize {
  readonly keyValueHeads: number;
  /** Width inside a SwiGLU, of an expert as of a dense layer. */
  readonly intermediate: number;
}

/** Every named model at one scale. */
export interface ScaleSizes {
  readonly clip: Readonly<Record<ClipModel, ClipSize>>;
  /** Longest text that CLIP's text tower reads, in tokens. */
  readonly textTokens: number;
  /** What stands for a picture in CLIP's loss: the class token as in the paper, or the mean, which small encoders learn more from. */
  readonly pooling: 'class' | 'average';
  readonly aim: Readonly<Record<AimModel, TowerSize>>;
  /** Blocks of AIM's head, which is thrown away after pre-training. */
  readonly aimHeadBlocks: number;
  readonly decoder: DecoderSize;
}

const tower = (width: number, layers: number, heads: number): TowerSize => ({ width, layers, heads });
const clip = (vision: TowerSize, text: TowerSize, projection: number): ClipSize => ({ vision, text, projection });
const decoder = ({ width, layers, heads }: TowerSize, keyValueHeads: number, intermediate: number): DecoderSize => ({
  width,
  layers,
  heads,
  keyValueHeads,
  intermediate,
});

/** The scale whose decoder a recipe's language model is. */
export function decoderScale({ scale, language_model }: Pick<Recipe, 'scale' | 'language_model'>): ScaleName {
  return language_model.size ?? scale;
}

/**
 * The encoders at the size of their own papers: CLIP's ViT-B and ViT-L (Radford et al., 2021, table 20), ViT-H with the
 * text tower of the open checkpoints (OpenCLIP; recalled), AIM (El-Nouby et al., 2024, table 1).
 */
const PAPER_ENCODERS = {
  clip: {
    'vit-b': clip(tower(768, 12, 12), tower(512, 12, 8), 512),
    'vit-l': clip(tower(1024, 24, 16), tower(768, 12, 12), 768),
    'vit-h': clip(tower(1280, 32, 16), tower(1024, 24, 16), 1024),
  },
  textTokens: 77,
  pooling: 'class',
  aim: {
    'aim-600m': tower(1536, 24, 12),
    'aim-1b': tower(2048, 24, 16),
    'aim-3b': tower(3072, 24, 24),
  },
  aimHeadBlocks: 12,
} as const;

/**
 * Widths, depths and heads. At 3b, 7b and 30b the encoders are the papers' own. Below, a name says what stands between which
 * neighbours: `vit-l` has about 0.48 of the parameters of `vit-h`, and `vit-b` 0.28 of those of `vit-l`, as in the papers,
 * counted whole with patch projection and positions; an AIM is 1.5, 2 or 3 times as wide as `vit-l` and as deep. Smoke is
 * only there to run.
 *
 * Of its decoders MM1 (arXiv 2403.09611) gives totals, not widths: these are ours, after Llama's proportions, with the
 * paper's number of parameters without embeddings: 2.9B, 6.4B and 30B, and 9M and 85M, two of the four sizes that it
 * fitted its rule of the learning rate to, at small and base. The experts of the mixtures are in src/config/scales.ts.
 */
export const SIZES: Readonly<Record<ScaleName, ScaleSizes>> = {
  smoke: {
    clip: {
      'vit-b': clip(tower(32, 1, 1), tower(32, 1, 1), 32),
      'vit-l': clip(tower(32, 2, 1), tower(32, 1, 1), 32),
      'vit-h': clip(tower(64, 2, 2), tower(32, 1, 1), 32),
    },
    textTokens: 16,
    pooling: 'average',
    aim: { 'aim-600m': tower(48, 2, 3), 'aim-1b': tower(64, 2, 4), 'aim-3b': tower(96, 2, 6) },
    aimHeadBlocks: 1,
    decoder: decoder(tower(64, 2, 2), 2, 128),
  },
  nano: {
    clip: {
      'vit-b': clip(tower(56, 1, 2), tower(96, 2, 3), 96),
      'vit-l': clip(tower(96, 2, 3), tower(96, 2, 3), 96),
      'vit-h': clip(tower(120, 3, 4), tower(96, 2, 3), 96),
    },
    textTokens: 24,
    pooling: 'average',
    aim: { 'aim-600m': tower(144, 2, 3), 'aim-1b': tower(192, 2, 4), 'aim-3b': tower(288, 2, 6) },
    aimHeadBlocks: 1,
    decoder: decoder(tower(128, 3, 4), 4, 352),
  },
  micro: {
    clip: {
      'vit-b': clip(tower(96, 2, 3), tower(128, 3, 4), 128),
      'vit-l': clip(tower(128, 5, 4), tower(128, 3, 4), 128),
      'vit-h': clip(tower(192, 5, 6), tower(128, 3, 4), 128),
    },
    textTokens: 32,
    pooling: 'average',
    aim: { 'aim-600m': tower(192, 5, 3), 'aim-1b': tower(256, 5, 4), 'aim-3b': tower(384, 5, 6) },
    aimHeadBlocks: 2,
    decoder: decoder(tower(192, 6, 6), 6, 512),
  },
  small: {
    clip: {
      'vit-b': clip(tower(160, 4, 5), tower(256, 4, 8), 256),
      'vit-l': clip(tower(256, 6, 8), tower(256, 4, 8), 256),
      'vit-h': clip(tower(320, 8, 10), tower(256, 4, 8), 256),
    },
    textTokens: 48,
    pooling: 'average',
    aim: { 'aim-600m': tower(384, 6, 6), 'aim-1b': tower(512, 6, 8), 'aim-3b': tower(768, 6, 12) },
    aimHeadBlocks: 3,
    decoder: decoder(tower(320, 7, 5), 5, 896),
  },
  base: {
    clip: {
      'vit-b': clip(tower(256, 8, 4), tower(384, 6, 6), 384),
      'vit-l': clip(tower(384, 12, 6), tower(384, 6, 6), 384),
      'vit-h': clip(tower(512, 14, 8), tower(384, 6, 6), 384),
    },
    textTokens: 77,
    pooling: 'average',
    aim: { 'aim-600m': tower(576, 12, 6), 'aim-1b': tower(768, 12, 8), 'aim-3b': tower(1152, 12, 12) },
    aimHeadBlocks: 6,
    decoder: decoder(tower(768, 12, 12), 12, 2048),
  },
  '3b': { ...PAPER_ENCODERS, decoder: decoder(tower(3072, 26, 24), 24, 8192) },
  '7b': { ...PAPER_ENCODERS, decoder: decoder(tower(4096, 32, 32), 4, 13_312) },
  '30b': { ...PAPER_ENCODERS, decoder: decoder(tower(7168, 48, 56), 56, 19_456) },
};
