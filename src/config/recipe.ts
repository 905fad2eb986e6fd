/** A value that an axis can take. */
export type Scalar = string | number | boolean;

export const SCALE_NAMES = ['smoke', 'nano'] as const;
export type ScaleName = (typeof SCALE_NAMES)[number];

export const ENCODER_TYPES = ['clip'] as const;
export const ENCODER_MODELS = ['vit-b', 'vit-l', 'vit-h'] as const;
export const CONNECTOR_TYPES = ['average-pool', 'attention-pool', 'c-abstractor'] as const;
export const TASK_NAMES = ['emoji-caption', 'emoji-question', 'emoji-caption-unseen', 'emoji-question-unseen'] as const;

export type EncoderModel = (typeof ENCODER_MODELS)[number];
export type ConnectorType = (typeof CONNECTOR_TYPES)[number];
export type TaskName = (typeof TASK_NAMES)[number];

/** One fully resolved, validated, frozen setting of everything that decides a result, but for the trial's seed. */
export interface Recipe {
  readonly scale: ScaleName;
  readonly encoder: {
    readonly type: (typeof ENCODER_TYPES)[number];
    readonly model: EncoderModel;
    /** Side of a patch in pixels. */
    readonly patch: number;
    /** Side of the square input picture in pixels: a multiple of the patch. */
    readonly resolution: number;
    /**
     * Patches of a picture that the encoder sees in one step of its pre-training, drawn anew each step, at most all: FLIP
     * (Li et al., 2023). A step then costs the same at every resolution. Afterwards the encoder reads all patches.
     */
    readonly keep_patches: number;
    /** Optimizer steps of contrastive pre-training. */
    readonly steps: number;
    /** Pictures a step. */
    readonly batch: number;
    readonly learning_rate: number;
    /** Seed of the encoder's weights and batches: one encoder serves every trial seed. */
    readonly seed: number;
  };
  readonly connector: {
    readonly type: ConnectorType;
    /** Visual tokens handed to the language model: a square. */
    readonly tokens: number;
    readonly learning_rate: number;
  };
  readonly language_model: {
    readonly type: 'dense';
    /** Optimizer steps of text-only pre-training. */
    readonly steps: number;
    readonly batch: number;
    readonly learning_rate: number;
    readonly seed: number;
  };
  /** Weights of the kinds of training sequence; they need not sum to anything. */
  readonly data: {
    readonly caption: number;
    readonly question: number;
    readonly text: number;
    /** Number of concepts that the corpus is capped to. */
    readonly concepts: number;
  };
  /** Multimodal pre-training of connector and language model. */
  readonly training: {
    readonly steps: number;
    /** Sequences a step. */
    readonly batch: number;
    readonly learning_rate: number;
    readonly weight_decay: number;
    /** Global norm that gradients are clipped to. */
    readonly clip: number;
    readonly warmup: number;
  };
}

/** What every trial of a grid is asked. */
export interface EvaluationSpec {
  readonly tasks: readonly TaskName[];
  /** Numbers of demonstrations before the query. */
  readonly shots: readonly number[];
  /** Most items that one task asks: the same for every variant. */
  readonly items: number;
}

/** One setting that varies, as a dotted path into the recipe. */
export interface Axis {
  readonly path: string;
  readonly values: readonly Scalar[];
}

/** One cell of the grid: a recipe without its seed. */
export interface Variant {
  /** Position in the grid's own order, from 0. */
  readonly index: number;
  /** Hash of the recipe: the same variant in two runs has the same key. */
  readonly key: string;
  /** The axes' values that make this variant, by path. */
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly recipe: Recipe;
}

/** A grid file, read, validated whole and expanded. */
export interface Plan {
  readonly name: string;
  readonly question: string | null;
  readonly scale: ScaleName;
  readonly seeds: readonly number[];
  readonly axes: readonly Axis[];
  readonly variants: readonly Variant[];
  readonly evaluation: EvaluationSpec;
  readonly gridPath: string;
  readonly gridText: string;
  /** Hash of everything that decides the results of the whole run: variants, seeds, evaluation. */
  readonly hash: string;
}
