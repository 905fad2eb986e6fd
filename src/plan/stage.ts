import type { EvaluationSpec } from '../config/plan.js';
import type {
  DataKind,
  DataRecipe,
  DataSource,
  LoadedEncoder,
  LoadedLanguageModel,
  Recipe,
  TrainedEncoder,
  TrainedLanguageModel,
} from '../config/recipe.js';

/** A step of a trial that can be shared with other trials. */
export const STAGE_KINDS = [
  'corpus',
  'questions',
  'encoder',
  'features',
  'language-model',
  'pretrain',
  'evaluate',
] as const;
export type StageKind = (typeof STAGE_KINDS)[number];

/** A part that is trained on a corpus. */
export interface TrainingSpec<Part> {
  readonly recipe: Pick<Recipe, 'scale' | 'precision'> & Part;
}

/** A part that a checkpoint gives: nothing but the checkpoint decides what it is. */
export interface LoadingSpec<Part> {
  readonly loaded: Part;
}

export type EncoderTrainingSpec = TrainingSpec<{ readonly encoder: TrainedEncoder }>;
export type LanguageModelTrainingSpec = TrainingSpec<{
  readonly language_model: TrainedLanguageModel;
  readonly data: Pick<DataRecipe, 'text_from' | 'text_tokens'>;
}>;

/** What each kind of stage reads of a recipe: its own slice, and nothing else. */
export interface StageSpecs {
  /** Training documents of one kind, taken from their sources, and their pictures at one resolution. */
  readonly corpus: {
    readonly kind: DataKind;
    readonly sources: readonly Omit<DataSource, 'weight'>[];
    /** Most documents of each source. */
    readonly documents: number;
    readonly concepts: number;
    /** Side of the pictures in pixels; null where there are none. */
    readonly resolution: number | null;
    readonly detail?: number | undefined;
  };
  /** What an evaluation asks every variant, with its pictures at one resolution. */
  readonly questions: {
    readonly concepts: number;
    readonly evaluation: EvaluationSpec;
    readonly resolution: number;
    readonly detail?: number | undefined;
  };
  /** An encoder, pre-trained with its type's own loss, or a checkpoint's at a resolution. */
  readonly encoder: EncoderTrainingSpec | LoadingSpec<LoadedEncoder>;
  /** The frozen encoder's patches of every picture of a folder. */
  readonly features: { readonly recipe: Pick<Recipe, 'scale' | 'encoder'> };
  /** A decoder, pre-trained on text alone, or a checkpoint's; with its tokenizer. */
  readonly 'language-model': LanguageModelTrainingSpec | LoadingSpec<LoadedLanguageModel>;
  /** Connector and language model, trained on pictures and text: a trial's own training. */
  readonly pretrain: { readonly recipe: Recipe; readonly seed: number };
  /** A trial's scores. */
  readonly evaluate: { readonly recipe: Recipe; readonly evaluation: EvaluationSpec };
}

/** One stage of a run. */
export interface Stage<K extends StageKind = StageKind> {
  /** Hash of the kind, its version, the spec, the parents' keys and, where numbers depend on it, the engine. */
  readonly key: string;
  readonly kind: K;
  readonly spec: StageSpecs[K];
  /** Keys of the stages that this one reads, by what they are to it: `encoder`, or `corpus caption`. */
  readonly parents: Readonly<Record<string, string>>;
  /** What a person reads: "encoder vit-l 336 px". */
  readonly title: string;
  /** Folder of the published model that it loads, where it loads one. */
  readonly checkpoint: string | null;
}

/** A trial's stages, each after those it reads. */
export interface TrialStages {
  readonly variant: number;
  readonly seed: number;
  readonly keys: readonly string[];
}

/** A plan as stages: each stage once, however many trials share it. */
export interface StageGraph {
  readonly stages: ReadonlyMap<string, Stage>;
  /** In the order in which they will be run: seed by seed, so that every variant has a first answer early. */
  readonly trials: readonly TrialStages[];
}
