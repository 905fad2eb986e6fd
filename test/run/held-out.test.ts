import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { CONTRASTS, type TrainedRecipe } from '../../src/config/recipe.js';
import { defaultRecipe } from '../../src/config/scales.js';
import { loadEmojiCorpus, splitOf } from '../../src/data/emoji/corpus.js';
import { FeatureSet, FeatureWriter } from '../../src/data/feature-set.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { openEngine } from '../../src/engine/index.js';
import type { StageKind } from '../../src/plan/stage.js';
import { STAGE_RUNNERS } from '../../src/run/stages/index.js';
import type { StageContext } from '../../src/run/stages/stage-kind.js';
import { encodeConcepts } from '../../src/train/language.js';

// The proof that nothing held out is trained on: every held-out picture is destroyed, and training neither fails nor
// comes to other weights. Whoever reads one of them fails, or learns something else.

const CONCEPTS = 20;
const base = defaultRecipe('smoke');
const recipe: TrainedRecipe = {
  ...base,
  encoder: { ...base.encoder, model: 'vit-b', resolution: 56, steps: 3, batch: 16 },
  connector: { ...base.connector, type: 'average-pool', tokens: 4 },
  language_model: { ...base.language_model, steps: 1 },
  data: { ...base.data, concepts: CONCEPTS },
  training: { ...base.training, steps: 3, batch: 8, warmup: 1 },
};
const evaluation = { tasks: ['emoji-caption', 'emoji-caption-unseen'] as const, shots: [0], items: 5 };
const corpus = loadEmojiCorpus({ concepts: CONCEPTS });
const isTrain = new Map(corpus.images.map((image) => [image.id, splitOf(image, corpus) === 'train']));
const root = mkdtempSync(join(tmpdir(), 'mm1-held-out-'));

function stage(name: string, parents: Partial<Record<StageKind, string>>): StageContext & { folder: string } {
  const folder = join(root, name);
  mkdirSync(folder);
  return {
    folder,
    checkpoints: join(root, `${name}-checkpoints`),
    published: () => '',
    parent: (kind) => parents[kind]!,
    progress: async () => {},
    note: () => {},
    metric: () => {},
  };
}

const weights = (folder: string) => readFileSync(join(folder, 'model.safetensors'));

beforeAll(async () => {
  await openEngine();
});

it('the encoder never reads a held-out picture', async () => {
  const images = stage('images', {});
  await STAGE_RUNNERS.images({ concepts: CONCEPTS, resolution: 56 }, images);
  const destroyed = join(root, 'images-destroyed');
  mkdirSync(destroyed);
  const index = JSON.parse(readFileSync(join(images.folder, 'index.json'), 'utf8'));
  copyFileSync(join(images.folder, 'index.json'), join(destroyed, 'index.json'));
  const bytes = readFileSync(join(images.folder, 'images.bin'));
  let held = 0;
  for (const { id, offset, bytes: length } of index.images) {
    if (isTrain.get(id)) continue;
    bytes.fill(0, offset, offset + length);
    held++;
  }
  expect(held).toBeGreaterThan(CONCEPTS);
  writeFileSync(join(destroyed, 'images.bin'), bytes);

  const learned = new Set<string>();
  for (const contrast of CONTRASTS) {
    const spec = { recipe: { ...recipe, encoder: { ...recipe.encoder, contrast } }, concepts: CONCEPTS };
    const first = stage(`encoder-${contrast}-1`, { images: images.folder });
    const second = stage(`encoder-${contrast}-2`, { images: destroyed });
    await STAGE_RUNNERS.encoder(spec, first);
    await STAGE_RUNNERS.encoder(spec, second);
    expect(weights(first.folder).equals(weights(second.folder)), contrast).toBe(true);
    learned.add(weights(first.folder).toString('base64'));
  }
  expect(learned.size).toBe(CONTRASTS.length);
});

it('multimodal training never reads features of a held-out picture', async () => {
  const features = stage('features', { images: join(root, 'images'), encoder: join(root, 'encoder-images-1') });
  await STAGE_RUNNERS.features({ recipe, concepts: CONCEPTS, evaluation }, features);
  const all = new FeatureSet(features.folder);
  const training = all.ids.filter((id) => isTrain.get(id));
  expect(training.length).toBeLessThan(all.ids.length);
  const without = join(root, 'features-without');
  mkdirSync(without);
  const writer = new FeatureWriter(without);
  writer.append(training, all.read(training));
  writer.close(all.patches, all.width);

  const language = stage('language', {});
  await STAGE_RUNNERS['language-model']({ recipe, concepts: CONCEPTS }, language);
  const train = async (name: string, from: string) => {
    const context = stage(name, { features: from, 'language-model': language.folder });
    await STAGE_RUNNERS.pretrain({ recipe, seed: 0 }, context);
    return weights(context.folder);
  };
  const [first, second] = [await train('pretrain-1', features.folder), await train('pretrain-2', without)];
  expect(first.equals(second)).toBe(true);
});

it('no text of a held-out concept is ever made', () => {
  const encoded = encodeConcepts(corpus, loadTokenizer());
  const heldOut = corpus.concepts.filter(({ heldOut }) => heldOut);
  expect(heldOut.length).toBeGreaterThan(0);
  for (const { id } of heldOut) expect(encoded.has(id)).toBe(false);
});
