import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { SOURCES } from '../../src/config/scales.js';
import { stageGraph } from '../../src/plan/graph.js';
import { sourceReader } from '../../src/plan/sources.js';
import { STAGE_KINDS, type Stage, type StageKind, type StageSpecs } from '../../src/plan/stage.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

function graph(text: string, engine = 'wasm', seeds = '0') {
  const file = join(folder, 'grid.yaml');
  writeFileSync(file, `seeds: [${seeds}]\n${text}`);
  return stageGraph(loadGrid(file, {}, undefined, sourceReader(folder)), engine);
}

/** What a stage reads, as the titles of its parents by their roles. */
function parents({ stages }: ReturnType<typeof graph>, stage: Stage): Record<string, string> {
  return Object.fromEntries(Object.entries(stage.parents).map(([role, key]) => [role, stages.get(key)!.title]));
}

const all = (found: ReturnType<typeof graph>, kind: StageKind) =>
  [...found.stages.values()].filter((stage) => stage.kind === kind);
const titles = (found: ReturnType<typeof graph>, kind: StageKind) =>
  all(found, kind)
    .map(({ title }) => title)
    .sort();

const SMALL = 'base: {encoder: {model: vit-b, resolution: 56, pictures: 30}, connector: {tokens: 4}}';

describe('stages of a trial', () => {
  it('a frozen encoder looks at every picture once, for training and for evaluation', () => {
    const found = graph(SMALL);
    const [pretrain] = all(found, 'pretrain');
    const [evaluate] = all(found, 'evaluate');
    expect(parents(found, pretrain!)).toEqual({
      'corpus caption': 'caption data 56 px',
      'corpus interleaved': 'interleaved data 56 px',
      'corpus text': 'text data',
      'pictures caption': 'features of caption data vit-b 56 px',
      'pictures interleaved': 'features of interleaved data vit-b 56 px',
      'language-model': 'language model',
    });
    expect(parents(found, evaluate!)).toEqual({
      questions: 'questions 56 px',
      pictures: 'features of questions vit-b 56 px',
      'language-model': 'language model',
      pretrain: pretrain!.title,
    });
    expect(all(found, 'features').map((stage) => parents(found, stage))).toEqual(
      expect.arrayContaining([
        { pictures: 'caption data 56 px', encoder: 'encoder vit-b 56 px' },
        { pictures: 'interleaved data 56 px', encoder: 'encoder vit-b 56 px' },
        { pictures: 'questions 56 px', encoder: 'encoder vit-b 56 px' },
      ]),
    );
    expect(all(found, 'features').length).toBe(3);
  });

  it('one that learns sees the pictures themselves, and starts from the one that the frozen variants share', () => {
    const found = graph(`${SMALL}\naxes: {training.freeze: [[encoder], [], [language_model]]}`);
    expect(all(found, 'encoder').length).toBe(1);
    const [, none, language] = all(found, 'pretrain').map((stage) => parents(found, stage));
    expect(none).toEqual({
      'corpus caption': 'caption data 56 px',
      'corpus interleaved': 'interleaved data 56 px',
      'corpus text': 'text data',
      'pictures caption': 'caption data 56 px',
      'pictures interleaved': 'interleaved data 56 px',
      encoder: 'encoder vit-b 56 px',
      'language-model': 'language model',
    });
    expect(language).toEqual(none);
    const asked = all(found, 'evaluate').map((stage) => parents(found, stage).pictures);
    expect(asked).toEqual(['features of questions vit-b 56 px', 'questions 56 px', 'questions 56 px']);
  });

  it('come each after those that it reads, and each once', () => {
    const { stages, trials } = graph(`${SMALL}\naxes: {training.freeze: [[encoder], []], data.question: [0, 1]}`);
    const reached = new Set<string>();
    for (const { keys } of trials) {
      expect(new Set(keys).size).toBe(keys.length);
      for (const [i, key] of keys.entries()) {
        for (const parent of Object.values(stages.get(key)!.parents)) expect(keys.slice(0, i)).toContain(parent);
        reached.add(key);
      }
      expect(stages.get(keys.at(-1)!)!.kind).toBe('evaluate');
    }
    expect(reached).toEqual(new Set(stages.keys()));
  });

  it('an encoder is trained on captions of its own, the language model on text', () => {
    const found = graph(SMALL);
    const [encoder] = all(found, 'encoder');
    const [language] = all(found, 'language-model');
    expect(parents(found, encoder!)).toEqual({ corpus: 'encoder data dfn-5b+vecap 56 px' });
    expect(parents(found, language!)).toEqual({ corpus: 'text data' });
  });

  it("of every trial seed has an encoder and a language model of its own where their seeds are the trial's", () => {
    const own = graph('base: {encoder: {seed: trial}, language_model: {seed: trial}}', 'wasm', '0, 5');
    expect(titles(own, 'encoder')).toEqual(['encoder vit-l 336 px', 'encoder vit-l 336 px, seed 5']);
    expect(titles(own, 'language-model')).toEqual(['language model', 'language model, seed 5']);
    const [first, second] = all(own, 'encoder');
    expect(first!.parents).toEqual(second!.parents);
    for (const { seed, keys } of own.trials) {
      for (const key of keys) {
        const { kind, spec } = own.stages.get(key)!;
        if (kind === 'encoder') expect(spec).toMatchObject({ recipe: { encoder: { seed } } });
        if (kind === 'pretrain') expect(spec).toMatchObject({ seed, recipe: { encoder: { seed } } });
      }
    }
    // The first is the one that all trials share where the seed is 0.
    const shared = graph('', 'wasm', '0, 5');
    expect(all(shared, 'encoder').map(({ key }) => key)).toEqual([first!.key]);
    expect(all(shared, 'language-model').length).toBe(1);
  });

  it.each([
    ['encoder.model: [vit-l, aim-1b]', 'encoder', 2],
    ['encoder.contrast: [images, regions]', 'encoder', 2],
    ['connector.type: [mlp, linear]', 'encoder', 1],
    ['connector.type: [mlp, linear]', 'pretrain', 2],
    ['language_model.type: [dense, moe]', 'language-model', 2],
    ['language_model.type: [dense, moe]', 'features', 3],
    ['training.learning_rate: [paper, 0.001]', 'language-model', 1],
    ['training.accumulate: [1, 2]', 'pretrain', 2],
  ] as const)('along %s there are as many %s stages as differ: %i', (axis, kind, count) => {
    expect(all(graph(`axes: {${axis}}`), kind).length).toBe(count);
  });
});

describe('corpora', () => {
  const CORPORA = ['caption data 56 px', 'encoder data dfn-5b+vecap 56 px', 'interleaved data 56 px', 'text data'];
  const specs = (found: ReturnType<typeof graph>) =>
    Object.fromEntries(all(found, 'corpus').map(({ title, spec }) => [title, spec as StageSpecs['corpus']]));

  it('hold what the recipe says of their kind: sources, documents, concepts, pictures', () => {
    const found = graph(`base:
  encoder: {model: vit-b, resolution: 56, pictures: 30}
  connector: {tokens: 4}
  data: {concepts: 20, documents: 40, text_documents: 50, caption_from: [emoji, world-captions], text_from: [emoji-texts]}`);
    const common = { concepts: 20 };
    const captions = [{ source: 'emoji' }, { source: 'world-captions' }];
    expect(specs(found)).toEqual({
      'caption data 56 px': { ...common, kind: 'caption', sources: captions, documents: 40, resolution: 56 },
      'interleaved data 56 px': {
        ...common,
        kind: 'interleaved',
        sources: SOURCES.interleaved.map(({ source }) => ({ source })),
        documents: 40,
        resolution: 56,
      },
      'text data': { ...common, kind: 'text', sources: [{ source: 'emoji-texts' }], documents: 50, resolution: null },
      // Thirty documents, from two sources.
      'encoder data dfn-5b+vecap 56 px': {
        ...common,
        kind: 'caption',
        sources: captions,
        documents: 15,
        resolution: 56,
      },
    });
  });

  it.each([
    ['connector.type: [average-pool, attention-pool]'],
    ['connector.tokens: [4, 16]'],
    ['training.steps: [40, 50]'],
    ['language_model.type: [dense, moe]'],
    ['data.vecap: [0, 0.5]'],
    ['data.text_tokens: [64, 128]'],
    ['data.images: [2, 4]'],
  ])('are shared, with features, by variants that differ in %s', (axis) => {
    const found = graph(`${SMALL}\naxes: {${axis}}`);
    expect(titles(found, 'corpus')).toEqual(CORPORA);
    expect([all(found, 'features').length, all(found, 'encoder').length]).toEqual([3, 1]);
    expect(all(found, 'pretrain').length).toBe(2);
  });

  it('are shared, with features, whatever the weights of kinds and sources', () => {
    const found = graph(`${SMALL}
axes:
  data.caption: [45, 10]
  data.text: [10, 90]
  data.caption_from: [[emoji], [{corpus: emoji, weight: 2}]]`);
    expect(titles(found, 'corpus')).toEqual(CORPORA);
    expect([all(found, 'features').length, all(found, 'encoder').length, all(found, 'language-model').length]).toEqual([
      3, 1, 1,
    ]);
    expect(all(found, 'pretrain').length).toBe(8);
  });

  it('of a kind that is never drawn there are none', () => {
    const text =
      'base: {encoder: {model: vit-b, resolution: 56, pictures: 30}, connector: {tokens: 4}, data: {interleaved: 0}}';
    expect(titles(graph(text), 'corpus')).toEqual(CORPORA.filter((title) => !title.startsWith('interleaved')));
    const asked = graph(text.replace('interleaved: 0', 'caption: 0, question: 1, interleaved: 0, text: 0'));
    expect(titles(asked, 'corpus')).toEqual(['encoder data dfn-5b+vecap 56 px', 'question data 56 px', 'text data']);
    const [pretrain] = all(asked, 'pretrain');
    expect(Object.keys(parents(asked, pretrain!)).sort()).toEqual([
      'corpus question',
      'language-model',
      'pictures question',
    ]);
  });

  it('of text are what the language model reads, be no sequence of text drawn later', () => {
    const text = `base: {data: {text: 0, text_from: [emoji-texts]}}`;
    const [language] = all(graph(text), 'language-model');
    expect(specs(graph(text))['text data']).toMatchObject({ sources: [{ source: 'emoji-texts' }] });
    expect(parents(graph(text), language!)).toEqual({ corpus: 'text data' });
    const [drawn] = all(graph(text.replace('text: 0', 'text: 10')), 'language-model');
    expect(drawn!.key).toBe(language!.key);
  });

  it('of other pictures are others: another resolution, a detail, fewer concepts', () => {
    const keys = (settings: string) => {
      const found = graph(
        `base: {encoder: {model: vit-b, resolution: 56, pictures: 30}, connector: {tokens: 4}, ${settings}}`,
      );
      return Object.fromEntries([...found.stages.values()].map(({ title, key }) => [title, key]));
    };
    const plain = keys('data: {}');
    const detailed = keys('data: {detail: 28}');
    for (const [title, key] of Object.entries(detailed)) {
      // What has nothing to do with pictures is the same.
      if (title === 'text data' || title === 'language model') expect(key, title).toBe(plain[title]);
      else expect(key, title).not.toBe(plain[title]);
    }
    const capped = keys('data: {concepts: 20}');
    for (const title of [...CORPORA, 'questions 56 px']) expect(capped[title]).not.toBe(plain[title]);
    const found = graph('base: {encoder: {pictures: 30}}\naxes: {encoder.resolution: [224, 336]}');
    expect(titles(found, 'corpus')).toEqual(
      ['caption', 'encoder', 'interleaved']
        .flatMap((kind) =>
          ['224', '336'].map((side) => `${kind} data ${kind === 'encoder' ? 'dfn-5b+vecap ' : ''}${side} px`),
        )
        .concat('text data'),
    );
  });

  it('of an encoder are as many documents as its set has; sets of the same size share them', () => {
    const found = graph(`base: {encoder: {pictures: 100}}
axes: {encoder.data: [dfn-2b, dfn-5b, dfn-5b+vecap, imagetext-400m]}`);
    const encoders = all(found, 'encoder').map((stage) => {
      return (found.stages.get(stage.parents.corpus!)!.spec as StageSpecs['corpus']).documents;
    });
    expect(encoders).toEqual([40, 100, 100, 8]);
    const corpora = all(found, 'encoder').map(({ parents: { corpus } }) => corpus);
    expect(new Set(corpora).size).toBe(3);
  });

  it('are one for the encoder and for what is trained behind it, where both take as many documents', () => {
    const found = graph('base: {encoder: {pictures: 40}, data: {documents: 40}}');
    const [encoder] = all(found, 'encoder');
    const [pretrain] = all(found, 'pretrain');
    expect(encoder!.parents.corpus).toBe(pretrain!.parents['corpus caption']);
    expect(all(found, 'corpus').length).toBe(3);
  });

  it('serve every engine, as what is asked does; nothing else does', () => {
    const shared = (kind: StageKind) =>
      all(graph(SMALL), kind).every(({ key }) => graph(SMALL, 'tensorflow').stages.has(key));
    expect(STAGE_KINDS.filter(shared)).toEqual(['corpus', 'questions']);
  });
});

it('a title tells a variant from the others of its grid', () => {
  const { stages } = graph('axes: {connector.tokens: [64], training.freeze: [[], [encoder]]}');
  const titles = [...stages.values()].flatMap(({ kind, title }) => (kind === 'pretrain' ? [title] : []));
  expect(titles).toEqual([
    'train c-abstractor 64 tokens 336 px, freeze none seed 0',
    'train c-abstractor 64 tokens 336 px, freeze encoder seed 0',
  ]);
});
