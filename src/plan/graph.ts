import { basename } from 'node:path';
import { hashOf } from '../config/hash.js';
import { type Checkpoint, isFrozen, type Plan, type Variant } from '../config/recipe.js';
import type { Stage, StageGraph, StageKind, StageSpecs, TrialStages } from './stage.js';

/**
 * Version of what each kind of stage computes: raised when its code comes to give other numbers, so that what an
 * older version left in the cache is not taken for its own.
 */
const VERSIONS: Readonly<Record<StageKind, number>> = {
  images: 1,
  encoder: 3,
  features: 1,
  'language-model': 3,
  pretrain: 3,
  evaluate: 3,
};

/** Turns a plan into its stages. Sharing falls out of the keys: two equal stages have one key and are one stage. */
export function stageGraph(plan: Plan, engine: string): StageGraph {
  const stages = new Map<string, Stage>();

  function add<K extends StageKind>(
    kind: K,
    title: string,
    spec: StageSpecs[K],
    parents: readonly Stage[],
    checkpoint: string | null = null,
  ): Stage<K> {
    const parentKeys = Object.fromEntries(parents.map((parent) => [parent.kind, parent.key]));
    // Pictures are drawn without the engine: one set serves all of them.
    const computedBy = kind === 'images' ? null : engine;
    const key = hashOf({ kind, version: VERSIONS[kind], spec, parents: parentKeys, engine: computedBy });
    const stage: Stage<K> = { key, kind, spec, parents: parentKeys, title, checkpoint };
    stages.set(key, stage);
    return stage;
  }

  function trial(variant: Variant, seed: number): TrialStages {
    const { recipe } = variant;
    const { encoder, scale } = recipe;
    const { concepts } = recipe.data;
    const at = `${encoder.resolution} px`;
    const vision = { scale, encoder };
    const encoderName = encoder.checkpoint ? nameOf(encoder.checkpoint) : encoder.model;
    const images = add('images', `pictures ${at}`, { concepts, resolution: encoder.resolution }, []);
    const encoderTitle = `encoder ${encoderName} ${at}`;
    const tower = encoder.checkpoint
      ? add('encoder', encoderTitle, { loaded: encoder }, [], folderOf(encoder.checkpoint))
      : add('encoder', encoderTitle, { recipe: { scale, encoder }, concepts }, [images]);
    // A frozen encoder looks at every picture once, for all variants; one that learns looks at them in every step.
    const frozen = isFrozen(recipe.training.freeze, 'encoder');
    const asked = { recipe: vision, concepts, evaluation: plan.evaluation };
    const seen = frozen ? add('features', `features ${encoderName} ${at}`, asked, [images, tower]) : images;
    const { language_model } = recipe;
    const language = language_model.checkpoint
      ? add(
          'language-model',
          `language model ${nameOf(language_model.checkpoint)}`,
          { loaded: language_model },
          [],
          folderOf(language_model.checkpoint),
        )
      : add('language-model', 'language model', { recipe: { scale, language_model }, concepts }, []);
    const name = `${variantName(variant)} seed ${seed}`;
    const pretrain = add(
      'pretrain',
      `train ${name}`,
      { recipe, seed },
      frozen ? [seen, language] : [images, tower, language],
    );
    const evaluate = add('evaluate', `evaluate ${name}`, { recipe, evaluation: plan.evaluation }, [
      seen,
      language,
      pretrain,
    ]);
    return {
      variant: variant.index,
      seed,
      keys: [...new Set([images, tower, seen, language, pretrain, evaluate])].map((s) => s.key),
    };
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

/** Settings that stand first in a variant's name, without their own. */
const ALWAYS_NAMED = ['connector.type', 'connector.tokens', 'encoder.resolution'];

/** A variant as a person tells it from the others of its grid: "c-abstractor 144 tokens 336 px, freeze none". */
function variantName({ recipe, settings }: Variant): string {
  const { connector, encoder } = recipe;
  const first = `${connector.type} ${connector.tokens} tokens ${encoder.resolution} px`;
  const others = Object.entries(settings).filter(([path]) => !ALWAYS_NAMED.includes(path));
  return [first, ...others.map(([path, value]) => `${path.split('.').at(-1)} ${value}`)].join(', ');
}
