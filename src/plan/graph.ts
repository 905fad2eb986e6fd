import { basename } from 'node:path';
import { hashOf } from '../config/hash.js';
import { type OwnSeed, ofTrial } from '../config/own-seed.js';
import type { Plan, Variant } from '../config/plan.js';
import {
  type Checkpoint,
  DATA_KINDS,
  type DataKind,
  type DataSource,
  isFrozen,
  type Recipe,
} from '../config/recipe.js';
import { encoderDocuments } from '../data/encoder-sets.js';
import type { Stage, StageGraph, StageKind, StageSpecs, TrialStages } from './stage.js';

/**
 * Version of what each kind of stage computes: raised when its code comes to give other numbers, so that what an
 * older version left in the cache is not taken for its own.
 */
const VERSIONS: Readonly<Record<StageKind, number>> = {
  corpus: 1,
  questions: 2,
  encoder: 9,
  features: 4,
  'language-model': 7,
  pretrain: 7,
  evaluate: 9,
};

/** Stages that compute without the engine: what they give serves all engines. */
const WITHOUT_ENGINE: readonly StageKind[] = ['corpus', 'questions'];

/** Stages that another reads, by what they are to it. */
type Parents = Readonly<Record<string, Stage>>;

/** Turns a plan into its stages. Sharing falls out of the keys: two equal stages have one key and are one stage. */
export function stageGraph(
  plan: Pick<Plan, 'variants' | 'seeds' | 'evaluation' | 'checkpoints'>,
  engine: string,
): StageGraph {
  const stages = new Map<string, Stage>();

  function add<K extends StageKind>(
    kind: K,
    title: string,
    spec: StageSpecs[K],
    parents: Parents,
    checkpoint: string | null = null,
  ): Stage<K> {
    const parentKeys = Object.fromEntries(Object.entries(parents).map(([role, parent]) => [role, parent.key]));
    const computedBy = WITHOUT_ENGINE.includes(kind) ? null : engine;
    const key = hashOf({ kind, version: VERSIONS[kind], spec, parents: parentKeys, engine: computedBy });
    const stage: Stage<K> = { key, kind, spec, parents: parentKeys, title, checkpoint };
    stages.set(key, stage);
    return stage;
  }

  /** Training documents of one kind, as a recipe's model is trained on them. */
  function trainingCorpus({ data, encoder }: Recipe, kind: DataKind): Stage {
    const sources = data[`${kind}_from`].map(withoutWeight);
    const { concepts, detail } = data;
    if (kind === 'text') {
      return add(
        'corpus',
        'text data',
        { kind, sources, concepts, documents: data.text_documents, resolution: null },
        {},
      );
    }
    const { resolution } = encoder;
    const spec = { kind, sources, concepts, documents: data.documents, resolution, ...(detail && { detail }) };
    return add('corpus', `${kind} data ${resolution} px`, spec, {});
  }

  function encoderOf({ scale, precision, encoder, data }: Recipe): Stage {
    const { resolution } = encoder;
    if (encoder.checkpoint) {
      const title = `encoder ${nameOf(encoder.checkpoint)} ${resolution} px`;
      return add('encoder', title, { loaded: encoder }, {}, folderOf(encoder.checkpoint));
    }
    const sources = data.caption_from.map(withoutWeight);
    const documents = Math.ceil(encoderDocuments(encoder) / sources.length);
    const { concepts, detail } = data;
    const spec = { kind: 'caption' as const, sources, concepts, documents, resolution, ...(detail && { detail }) };
    const corpus = add('corpus', `encoder data ${encoder.data} ${resolution} px`, spec, {});
    return add(
      'encoder',
      `encoder ${encoder.model} ${resolution} px${seedName(encoder.seed)}`,
      { recipe: { scale, precision, encoder } },
      { corpus },
    );
  }

  function languageModelOf(recipe: Recipe): Stage {
    const { scale, precision, language_model, data } = recipe;
    if (language_model.checkpoint) {
      const title = `language model ${nameOf(language_model.checkpoint)}`;
      return add('language-model', title, { loaded: language_model }, {}, folderOf(language_model.checkpoint));
    }
    const { text_from, text_tokens } = data;
    const spec = { recipe: { scale, precision, language_model, data: { text_from, text_tokens } } };
    return add('language-model', `language model${seedName(language_model.seed)}`, spec, {
      corpus: trainingCorpus(recipe, 'text'),
    });
  }

  function trial(variant: Variant, seed: number): TrialStages {
    const recipe: Recipe = {
      ...variant.recipe,
      encoder: ofTrial(variant.recipe.encoder, seed),
      language_model: ofTrial(variant.recipe.language_model, seed),
    };
    const { encoder, scale, data } = recipe;
    const encoderName = encoder.checkpoint ? nameOf(encoder.checkpoint) : encoder.model;
    const at = `${encoder.resolution} px`;
    const tower = encoderOf(recipe);
    const language = languageModelOf(recipe);
    // A frozen encoder looks at every picture once, for all variants; one that learns looks at them in every step.
    const frozen = isFrozen(recipe.training.freeze, 'encoder');
    const seen = (what: string, pictures: Stage) =>
      frozen
        ? add(
            'features',
            `features of ${what} ${encoderName} ${at}`,
            { recipe: { scale, encoder } },
            { pictures, encoder: tower },
          )
        : pictures;

    const kinds = DATA_KINDS.filter((kind) => data[kind] > 0);
    const corpora = kinds.map((kind) => [kind, trainingCorpus(recipe, kind)] as const);
    const pictures = corpora
      .filter(([kind]) => kind !== 'text')
      .map(([kind, corpus]) => [`pictures ${kind}`, seen(`${kind} data`, corpus)] as const);
    const asked = add(
      'questions',
      `questions ${at}`,
      {
        concepts: data.concepts,
        evaluation: plan.evaluation,
        resolution: encoder.resolution,
        ...(data.detail && { detail: data.detail }),
      },
      {},
    );
    const name = `${variantName(variant)} seed ${seed}`;
    const pretrain = add(
      'pretrain',
      `train ${name}`,
      { recipe, seed },
      {
        ...Object.fromEntries(corpora.map(([kind, corpus]) => [`corpus ${kind}`, corpus])),
        ...Object.fromEntries(pictures),
        ...(!frozen && { encoder: tower }),
        'language-model': language,
      },
    );
    const evaluate = add(
      'evaluate',
      `evaluate ${name}`,
      { recipe, evaluation: plan.evaluation },
      {
        questions: asked,
        pictures: seen('questions', asked),
        'language-model': language,
        pretrain,
      },
    );
    return { variant: variant.index, seed, keys: ancestors(evaluate) };
  }

  /** Keys of a stage and of all that it needs, each after what it reads. */
  function ancestors({ key, parents }: Stage): string[] {
    return [...new Set([...Object.values(parents).flatMap((parent) => ancestors(stages.get(parent)!)), key])];
  }

  function folderOf({ sha256 }: Checkpoint): string {
    const folder = plan.checkpoints[sha256];
    if (folder === undefined) throw new Error(`the plan has no folder of checkpoint ${sha256}`);
    return folder;
  }

  const nameOf = (checkpoint: Checkpoint) => basename(folderOf(checkpoint));

  const trials = plan.seeds.flatMap((seed) => plan.variants.map((variant) => trial(variant, seed)));
  return { stages, trials };
}

/** A seed that is not the usual one, as a title tells it. */
const seedName = (seed: OwnSeed) => (seed === 0 ? '' : `, seed ${seed}`);

const withoutWeight = ({ weight: _, ...source }: DataSource): Omit<DataSource, 'weight'> => source;

/** Settings that stand first in a variant's name, without their own. */
const ALWAYS_NAMED = ['connector.type', 'connector.tokens', 'encoder.resolution'];

/** A variant as a person tells it from the others of its grid: "c-abstractor 144 tokens 336 px, freeze none". */
function variantName({ recipe, settings }: Variant): string {
  const { connector, encoder } = recipe;
  const first = `${connector.type} ${connector.tokens} tokens ${encoder.resolution} px`;
  const others = Object.entries(settings).filter(([path]) => !ALWAYS_NAMED.includes(path));
  return [first, ...others.map(([path, value]) => `${path.split('.').at(-1)} ${value}`)].join(', ');
}
