import fs, { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { CORPORA } from '../../src/data/corpora/index.js';
import { DocumentSet, type StoredDocument } from '../../src/data/document-set.js';
import { captionOf, loadEmojiCorpus, splitOf } from '../../src/data/emoji/corpus.js';
import { FeatureSet } from '../../src/data/feature-set.js';
import { openImageSet } from '../../src/data/image-set.js';
import { BUILT_IN_TOKENIZER } from '../../src/data/tokenizer/index.js';
import { openEngine } from '../../src/engine/index.js';
import { readQuestions } from '../../src/evaluate/question-folder.js';
import { stageGraph } from '../../src/plan/graph.js';
import { sourceReader } from '../../src/plan/sources.js';
import type { Stage, StageKind } from '../../src/plan/stage.js';
import { STAGE_RUNNERS } from '../../src/run/stages/index.js';
import type { StageContext } from '../../src/run/stages/stage-kind.js';
import { Stopwatch } from '../../src/run/stages/stopwatch.js';

// The proof that nothing held out is trained on, in three parts: what is trained on is in the corpora; no corpus holds a
// held-out picture or name; and a training reads nothing but the corpora that it names, and what was made of them.

const CONCEPTS = 20;
const emoji = loadEmojiCorpus({ concepts: CONCEPTS });
const isTrain = new Map(emoji.images.map((image) => [image.id, splitOf(image, emoji) === 'train']));
const heldOut = emoji.concepts.filter((concept) => concept.heldOut).map(captionOf);
const root = mkdtempSync(join(tmpdir(), 'mm1-held-out-'));

const GRID = `
scale: smoke
seeds: [0]
base:
  encoder: {model: vit-b, resolution: 56, steps: 3, batch: 16, pictures: 60}
  connector: {type: average-pool, tokens: 4}
  language_model: {steps: 2}
  training: {steps: 3, batch: 8, warmup: 1}
  data:
    question: 30
    vecap: 0.3
    concepts: ${CONCEPTS}
    documents: 30
    text_documents: 60
    caption_from: [emoji, emoji-noto, emoji-fluent, emoji-twemoji, emoji-emojione]
    interleaved_from: [emoji-languages, emoji-quizzes, emoji-schemes]
    text_from: [emoji-texts]
axes:
  training.freeze: [[encoder], []]
  encoder.contrast: [images, regions]
evaluation: {tasks: [emoji-caption, emoji-caption-unseen, emoji-question, emoji-question-unseen], shots: [0, 1], demonstration_seeds: 2, items: 5}
`;
const grid = join(root, 'grid.yaml');
writeFileSync(grid, GRID);
const { stages, trials } = stageGraph(loadGrid(grid, {}, undefined, sourceReader(root)), 'wasm');

/** Files that were opened while each stage was computed, and the parents that it asked for. */
const opened = new Map<string, { readonly files: ReadonlySet<string>; readonly asked: ReadonlySet<string> }>();

/** Notes every file that is opened until it is told to stop, whoever opens it. */
function watchFiles(): { files: Set<string>; stop: () => void } {
  const files = new Set<string>();
  const owners = [
    [fs, ['openSync', 'readFileSync', 'createReadStream', 'open', 'readFile', 'copyFileSync', 'cpSync']],
    [fs.promises, ['open', 'readFile', 'copyFile', 'cp']],
  ] as unknown as readonly [Record<string, (...given: unknown[]) => unknown>, readonly string[]][];
  const before = owners.flatMap(([owner, names]) => names.map((name) => [owner, name, owner[name]!] as const));
  for (const [owner, name, open] of before) {
    owner[name] = function noted(this: unknown, path: unknown, ...rest: unknown[]) {
      if (typeof path === 'string') files.add(resolve(path));
      return open.call(this, path, ...rest);
    };
  }
  syncBuiltinESMExports();
  return {
    files,
    stop() {
      for (const [owner, name, open] of before) owner[name] = open;
      syncBuiltinESMExports();
    },
  };
}

const folderOf = (key: string) => join(root, key);

/** Computes a stage as a worker does, and keeps what it read. */
async function compute(stage: Stage): Promise<void> {
  const folder = folderOf(stage.key);
  mkdirSync(folder);
  const asked = new Set<string>();
  const context: StageContext = {
    stopwatch: new Stopwatch(),
    folder,
    checkpoints: `${folder}-checkpoints`,
    published: () => '',
    parent(role) {
      const key = stage.parents[role];
      if (key === undefined) throw new Error(`${stage.kind} names no ${role}`);
      asked.add(role);
      return folderOf(key);
    },
    places: { grid: root, runs: root },
    progress: async () => {},
    note: () => {},
    metric: () => {},
  };
  const { files, stop } = watchFiles();
  try {
    await (STAGE_RUNNERS[stage.kind] as (spec: unknown, context: StageContext) => Promise<unknown>)(
      stage.spec,
      context,
    );
  } finally {
    stop();
  }
  opened.set(stage.key, { files, asked });
}

const all = (kind: StageKind) => [...stages.values()].filter((stage) => stage.kind === kind);

beforeAll(async () => {
  await openEngine();
  for (const key of new Set(trials.flatMap(({ keys }) => keys))) await compute(stages.get(key)!);
});

/** Whether a text says, as a corpus would, that what it is about is of this name. */
function names(text: string, label: string): boolean {
  const forms = [label, label.toUpperCase(), `A drawing of ${label}`];
  return text
    .split('\n')
    .some((line) =>
      forms.some((form) => line === form || (/^[,.:]/.test(line.slice(form.length)) && line.startsWith(form))),
    );
}

function textsOf(document: StoredDocument): string[] {
  switch (document.kind) {
    case 'caption':
      return [...document.alt, ...document.rewritten];
    case 'question':
      return document.questions.flatMap(({ question, answer }) => [question, answer]);
    case 'interleaved':
      return document.pieces.flatMap((piece) => ('text' in piece ? [piece.text] : []));
    case 'text':
      return [document.text];
  }
}

function documentsOf(stage: Stage): StoredDocument[] {
  const set = new DocumentSet(folderOf(stage.key));
  const documents = Array.from({ length: set.count }, (_, i) => set.read(i));
  set.close();
  return documents;
}

describe('a corpus', () => {
  it.each(all('corpus').map((stage) => [stage.title, stage] as const))(
    'holds no held-out picture: %s',
    async (title, stage) => {
      if (title === 'text data') return expect(documentsOf(stage).every(({ kind }) => kind === 'text')).toBe(true);
      const set = await openImageSet(folderOf(stage.key));
      await set.close();
      expect(set.ids.length).toBeGreaterThan(CONCEPTS);
      for (const id of set.ids) expect(isTrain.get(id), id).toBe(true);
    },
  );

  it.each(all('corpus').map((stage) => [stage.title, stage] as const))(
    'tells the name of no held-out concept: %s',
    (_, stage) => {
      expect(heldOut.length).toBeGreaterThan(0);
      for (const document of documentsOf(stage)) {
        for (const text of textsOf(document)) {
          for (const label of heldOut) expect(names(text, label), `${document.id}: ${text}`).toBe(false);
        }
      }
    },
  );

  it('of the held-out side would be found out', async () => {
    for (const name of ['emoji', 'emoji-texts']) {
      const source = CORPORA.find((corpus) => corpus.name === name)!.open('held-out', '', { concepts: CONCEPTS });
      const found = new Set<string>();
      for await (const document of source.documents()) {
        const texts =
          document.kind === 'caption'
            ? [...document.alt, ...document.rewritten]
            : document.kind === 'text'
              ? [document.text]
              : [];
        for (const label of heldOut) if (texts.some((text) => names(text, label))) found.add(label);
      }
      expect(found.size, name).toBe(heldOut.length);
    }
  });
});

describe('a training', () => {
  const READERS = ['encoder', 'features', 'language-model', 'pretrain'] as const;

  it.each(READERS)('reads what it names, and nothing else: %s', (kind) => {
    expect(all(kind).length).toBeGreaterThan(0);
    for (const stage of all(kind)) {
      const { files, asked } = opened.get(stage.key)!;
      expect([...asked].sort()).toEqual(Object.keys(stage.parents).sort());
      const own = [stage.key, `${stage.key}-checkpoints`, ...Object.values(stage.parents)].map(folderOf);
      const others = [...files].filter((file) => !own.some((at) => file.startsWith(`${at}/`)));
      expect(others.filter((file) => file !== BUILT_IN_TOKENIZER)).toEqual([]);
      expect(files.size).toBeGreaterThan(1);
    }
  });

  it('is told by what a corpus opens: it reads the drawings themselves', () => {
    const [captions] = all('corpus').filter(({ title }) => title === 'caption data 56 px');
    const { files } = opened.get(captions!.key)!;
    expect([...files].some((file) => file.includes('node_modules'))).toBe(true);
  });

  it('names no folder with the pictures that are asked about', () => {
    const asked = new Set(all('questions').map(({ key }) => key));
    const seen = all('features').filter(({ parents }) => asked.has(parents.pictures!));
    expect([asked.size, seen.length]).toEqual([1, 2]);
    const held = new Set([...asked, ...seen.map(({ key }) => key)]);
    for (const { parents } of all('pretrain')) {
      expect(Object.keys(parents).length).toBeGreaterThan(6);
      for (const key of Object.values(parents)) expect(held.has(key)).toBe(false);
    }
  });
});

it('what is asked about are held-out pictures alone, and what is shown before it is of the training side', () => {
  const [{ key }] = all('questions') as [Stage];
  const tasks = readQuestions(folderOf(key));
  const images = (items: readonly { readonly image: string | null }[]) => new Set(items.map(({ image }) => image!));
  const [asked, shown] = [
    images(tasks.flatMap(({ items }) => items)),
    images(tasks.flatMap(({ demonstrations }) => demonstrations.flat(2))),
  ];
  expect(asked.size).toBeGreaterThan(10);
  for (const id of asked) expect(isTrain.get(id)).toBe(false);
  expect(shown.size).toBeGreaterThan(10);
  for (const id of shown) expect(isTrain.get(id)).toBe(true);
  for (const stage of all('features')) {
    const set = new FeatureSet(folderOf(stage.key));
    set.close();
    const asks = stage.parents.pictures === key;
    if (asks) expect(new Set(set.ids)).toEqual(new Set([...asked, ...shown]));
    else expect(set.ids.filter((id) => !isTrain.get(id))).toEqual([]);
  }
});

it('another contrast of the encoder, and another freeze, give other weights', () => {
  const weights = all('pretrain').map(({ key }) =>
    readFileSync(join(folderOf(key), 'model.safetensors')).toString('base64'),
  );
  expect(new Set(weights).size).toBe(4);
});
