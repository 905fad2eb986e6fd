import type { OwnSeed } from './own-seed.js';
/** A value that an axis can take. */
export type Scalar = string | number | boolean;

/** Values of settings by their dotted paths. */
export type Settings = Readonly<Record<string, Scalar>>;

export const SCALE_NAMES = ['smoke', 'nano', 'micro', 'small', 'base', '3b', '7b', '30b'] as const;
export type ScaleName = (typeof SCALE_NAMES)[number];

export const ENCODER_TYPES = ['clip', 'aim'] as const;
export const CLIP_MODELS = ['vit-b', 'vit-l', 'vit-h'] as const;
export const AIM_MODELS = ['aim-600m', 'aim-1b', 'aim-3b'] as const;
export const ENCODER_MODELS = [...CLIP_MODELS, ...AIM_MODELS] as const;
/** Pre-training sets of encoders, as MM1 names them (table 1). */
export const ENCODER_DATA = ['dfn-2b', 'dfn-5b', 'dfn-5b+vecap', 'imagetext-400m'] as const;
export type EncoderData = (typeof ENCODER_DATA)[number];
/** What CLIP's contrastive loss compares with a text: a whole picture, as in the paper, or each region whose phrase is known. */
export const CONTRASTS = ['images', 'regions'] as const;
export const CONNECTOR_TYPES = [
  'average-pool',
  'attention-pool',
  'c-abstractor',
  'linear',
  'mlp',
  'resampler',
  'pixel-shuffle',
] as const;

export type EncoderType = (typeof ENCODER_TYPES)[number];
/** The parts of a multimodal model, each of which its training may leave as it was. */
export const PARTS = ['encoder', 'connector', 'language_model'] as const;
export type Part = (typeof PARTS)[number];

/** Whether a part is among the frozen ones, as `Recipe.training.freeze` names them. */
export function isFrozen(freeze: string, part: Part): boolean {
  return freeze.split('+').includes(part);
}

/** What matrix products of trainings are computed in: float32, or bfloat16 with sums in float32. */
export const PRECISIONS = ['fp32', 'bf16'] as const;
export type Precision = (typeof PRECISIONS)[number];

export const SCHEDULES = ['cosine', 'linear', 'constant'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

export type ClipModel = (typeof CLIP_MODELS)[number];
export type AimModel = (typeof AIM_MODELS)[number];
export type EncoderModel = ClipModel | AimModel;
export type Contrast = (typeof CONTRASTS)[number];
export type ConnectorType = (typeof CONNECTOR_TYPES)[number];
/** Connectors that make a visual token of every patch: their number of tokens is the number of patches. */
export const UNREDUCED_CONNECTORS: readonly ConnectorType[] = ['linear', 'mlp'];
/** A decoder whose layers are all dense, or a mixture of experts. */
export const LANGUAGE_MODEL_TYPES = ['dense', 'moe'] as const;
export type LanguageModelType = (typeof LANGUAGE_MODEL_TYPES)[number];

/**
 * A published model that a part starts from in place of a training here. It is known by its content, so that a copy in
 * another folder is the same model, and another model in the same folder is another.
 */
export interface Checkpoint {
  /** SHA-256 of its files, in hexadecimal digits. */
  readonly sha256: string;
  /** What its config.json says of its layers, under the names of src/model. */
  readonly sizes: Readonly<Record<string, string | number | boolean>>;
}

/** How an encoder sees a picture. */
interface EncoderInput {
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Side of the square input picture in pixels: a multiple of the patch. */
  readonly resolution: number;
}

/** How an encoder is pre-trained here. */
interface EncoderTraining {
  readonly model: EncoderModel;
  /**
   * Patches of a picture that the encoder sees in one step of its pre-training, drawn anew each step, at most all: FLIP
   * (Li et al., 2023). A step then costs the same at every resolution. Afterwards the encoder reads all patches.
   * `clip` on `images` sees patches from anywhere. On `regions` it sees, and `aim`, which predicts each patch from its neighbours
   * before it, a square window of the grid with the largest whole side that this number allows (96: 9 x 9), elsewhere in each
   * picture, on `regions` around one of them: of what is drawn, scattered patches tell colours and not outlines.
   */
  readonly keep_patches: number;
  /**
   * What CLIP's loss compares with texts (`clip` alone). On `regions` a step's pictures are collages of several training
   * pictures, each with its own caption: a small encoder gets several pairs out of one pass.
   */
  readonly contrast: Contrast;
  /** What it is trained on, under the paper's names: see src/data/encoder-sets.ts. */
  readonly data: EncoderData;
  /** Pictures that stand for the five billion of DFN-5B; the other sets are larger or smaller in the paper's proportions. */
  readonly pictures: number;
  /** Optimizer steps of pre-training. */
  readonly steps: number;
  /** Pictures a step. */
  readonly batch: number;
  readonly learning_rate: number;
  /** Of the encoder's weights and batches. */
  readonly seed: OwnSeed;
}

/** How a language model is made and pre-trained on text here. */
interface LanguageModelTraining {
  readonly type: LanguageModelType;
  /** The scale whose decoder it is; left out where that is the recipe's own. A grid names no widths. */
  readonly size?: ScaleName | undefined;
  /** Experts of a layer that has some: of `moe` alone, where a grid need not say it. A token is sent to two, as in MM1. */
  readonly experts?: number | undefined;
  /** Every n-th layer has experts: of `moe` alone, where a grid need not say it. */
  readonly expert_every?: number | undefined;
  /** Optimizer steps of text-only pre-training. */
  readonly steps: number;
  readonly batch: number;
  readonly learning_rate: number;
  readonly seed: OwnSeed;
}

/** None of the settings of a training that does not happen. */
type Without<Training> = { readonly [Setting in keyof Training]?: undefined };

export type TrainedEncoder = { readonly type: EncoderType; readonly checkpoint?: undefined } & EncoderInput &
  EncoderTraining;
/** CLIP's vision tower from a checkpoint; at another resolution than its own, positions are interpolated. */
export type LoadedEncoder = { readonly type: 'clip'; readonly checkpoint: Checkpoint } & EncoderInput &
  Without<EncoderTraining>;
export type TrainedLanguageModel = { readonly checkpoint?: undefined } & LanguageModelTraining;
/** A Llama or a Mixtral from a checkpoint, with its own tokenizer. */
export type LoadedLanguageModel = { readonly checkpoint: Checkpoint } & Without<LanguageModelTraining>;

/** Kinds of training data: MM1's three (section 3.1), and questions about pictures, which MM1 has only in its fine-tuning. */
export const DATA_KINDS = ['caption', 'interleaved', 'text', 'question'] as const;
export type DataKind = (typeof DATA_KINDS)[number];

/** Where training data of one kind comes from. */
export interface DataSource {
  /** Name of a built-in corpus, or somebody's own data as the JSON of what the grid says of it: `{"webdataset":{"shards":"a.tar"}}`. */
  readonly source: string;
  /** Identity of the files, in hexadecimal digits; none where mm1 itself brings the corpus along. */
  readonly sha256?: string | undefined;
  /** How often a sequence of its kind is drawn from it, beside the other sources of the kind. */
  readonly weight: number;
}

/** What a model is trained on. */
export interface DataRecipe {
  /** Weights of the kinds of training sequence; they need not sum to anything. */
  readonly caption: number;
  readonly interleaved: number;
  readonly text: number;
  readonly question: number;
  /** Share of caption sequences whose captions are rewritten to name what is visible (VeCap: 7% in MM1, section 3.1), from 0 to 1. */
  readonly vecap: number;
  /** Sources of each kind, by name. A kind whose weight is 0 has none, but for the captions that an encoder is trained on. */
  readonly caption_from: readonly DataSource[];
  readonly interleaved_from: readonly DataSource[];
  readonly text_from: readonly DataSource[];
  readonly question_from: readonly DataSource[];
  /** Most documents with pictures that are taken of each source. */
  readonly documents: number;
  /** Most documents of text alone that are taken of each source. */
  readonly text_documents: number;
  /** Number of concepts that the emoji are capped to. */
  readonly concepts: number;
  /**
   * Side in pixels that pictures are reduced to before they are brought to the encoder's resolution: the control that tells
   * detail from the number of patches. None, or a side that is no smaller than the resolution: they are not.
   */
  readonly detail?: number | undefined;
  /** Text tokens of a sequence. */
  readonly text_tokens: number;
  /** Most pictures of a sequence (MM1: 16, section 3.3). */
  readonly images: number;
}

/** One fully resolved, validated, frozen setting of everything that decides a result, but for the trial's seed. */
export interface Recipe {
  readonly scale: ScaleName;
  /** Of every training of the trial; what is computed with trained weights is computed in float32. */
  readonly precision: Precision;
  readonly encoder: TrainedEncoder | LoadedEncoder;
  readonly connector: {
    readonly type: ConnectorType;
    /**
     * Visual tokens handed to the language model: a square, at most the patches of a picture; for a connector that keeps
     * every patch (`linear`, `mlp`) exactly those, which a grid need not say.
     */
    readonly tokens: number;
    readonly learning_rate: number;
  };
  readonly language_model: TrainedLanguageModel | LoadedLanguageModel;
  readonly data: DataRecipe;
  /** Multimodal pre-training of connector and language model. */
  readonly training: {
    readonly steps: number;
    /** Sequences an update. */
    readonly batch: number;
    /** Parts that an update's sequences are computed in, one after another: the same numbers in less memory. */
    readonly accumulate: number;
    /** Peak rate of the language model; `paper` is MM1's rule by the number of its non-embedding parameters (section 3.3). */
    readonly learning_rate: number | 'paper';
    /** Peak rate of the encoder, where it is not frozen. */
    readonly encoder_learning_rate: number;
    /** What the rate does after the warm-up. */
    readonly schedule: ScheduleName;
    /** Parts that stay as they were, joined by `+`, or `none`. A grid may write them as a list. */
    readonly freeze: string;
    /** As torch's AdamW: multiplied by the learning rate. */
    readonly weight_decay: number;
    /** Global norm that gradients are clipped to. */
    readonly clip: number;
    readonly warmup: number;
  };
}

/** A recipe whose encoder and language model are both trained here. */
export interface TrainedRecipe extends Recipe {
  readonly encoder: TrainedEncoder;
  readonly language_model: TrainedLanguageModel;
}
