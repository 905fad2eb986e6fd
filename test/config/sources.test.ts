import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import type { Plan } from '../../src/config/plan.js';
import type { DataKind, Recipe } from '../../src/config/recipe.js';
import { sourceList } from '../../src/config/source-list.js';
import { Mm1Error } from '../../src/errors.js';
import { checkpointReader } from '../../src/plan/checkpoints.js';
import { sourceReader } from '../../src/plan/sources.js';
import { goldenTowers } from '../checkpoints.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-grid-sources-'));
const file = join(folder, 'grid.yaml');
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'shards'));
for (const name of ['notes.txt', 'rows.jsonl', 'shards/0.tar', 'shards/1.tar']) writeFileSync(join(folder, name), name);

const read = sourceReader(join(folder, 'runs'));

function load(text: string): Plan {
  writeFileSync(file, `seeds: [0]\n${text}`);
  return loadGrid(file, {}, checkpointReader(), read);
}

/** All problems: "line:column: message". */
function problems(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof Mm1Error) || error.code !== 'E_GRID') throw error;
    const heads = error.message.split('\n').filter((line) => line.startsWith(file));
    return heads.map((line) => line.slice(file.length + 1));
  }
  throw new Error('the grid was accepted');
}

const data = (text: string) => load(`base: {data: {${text}}}\n`).variants[0]!.recipe.data;
/** Names of a kind's sources. */
const from = (recipe: Recipe, kind: DataKind) => recipe.data[`${kind}_from`].map(({ source }) => source);

describe('the one text of a list of sources', () => {
  it.each([
    ['emoji', 'emoji'],
    [['world-captions', 'emoji'], 'emoji+world-captions'],
    ['world-captions + emoji', 'emoji+world-captions'],
    [[], 'none'],
    ['none', 'none'],
    [{ corpus: 'emoji' }, 'emoji'],
    [{ corpus: 'emoji', weight: 1 }, 'emoji'],
    [[{ weight: 0.5, corpus: 'flags' }, 'emoji'], 'emoji+{"corpus":"flags","weight":0.5}'],
    ['two words', '{"corpus":"two words"}'],
    [{ webdataset: 'a.tar' }, '{"webdataset":"a.tar"}'],
    [{ weight: 2, parquet: { text: 'body', files: 'a' } }, '{"parquet":{"files":"a","text":"body"},"weight":2}'],
  ])('%j is %s', (value, text) => {
    expect(sourceList.parse(value)).toBe(text);
  });
});

describe('what is wrong with a source is told at its place', () => {
  const faults: [name: string, text: string, expected: string][] = [
    ['unknown corpus', 'caption_from: emojy', '2:29: data.caption_from: unknown corpus "emojy". Did you mean "emoji"?'],
    [
      'unknown, none near',
      'text_from: [wordnet, x]',
      '2:36: data.text_from: unknown corpus "x". Corpora of that kind:',
    ],
    ['other kind', 'text_from: emoji-noto', '2:26: data.text_from: emoji-noto gives caption data, and not text.'],
    ['not installed', 'caption_from: [emoji, openclipart]', 'Install it with "mm1 data install openclipart".'],
    ['empty', 'caption_from: ', '2:15: data.caption_from must be the name of a corpus, or one format'],
    ['number', 'caption_from: 7', '2:29: data.caption_from must be the name of a corpus, or one format'],
    ['blank', 'caption_from: [emoji, " "]', '2:37: data.caption_from, value 2, must be the name of a corpus'],
    ['nested list', 'caption_from: [[emoji]]', '2:30: data.caption_from, value 1, must be the name of a corpus'],
    ['weight alone', 'caption_from: {weight: 2}', '2:29: data.caption_from must be the name of a corpus'],
    ['two formats', 'text_from: {text: a, jsonl: b}', '2:26: data.text_from must be the name of a corpus'],
    ['corpus no name', 'text_from: {corpus: 4}', '2:35: data.text_from.corpus must be the name of a corpus; it is 4'],
    [
      'negative weight',
      'text_from: [{corpus: novel, weight: -1}]',
      '2:51: data.text_from.weight must be a number of at',
    ],
    ['endless weight', 'text_from: {corpus: novel, weight: .inf}', '2:26: data.text_from must hold neither control'],
    ['escape', 'text_from: {text: "a\\eb"}', '2:26: data.text_from must hold neither control characters'],
    ['no number', 'text_from: {text: {files: .nan}}', '2:26: data.text_from must hold neither control characters'],
    ['twice', 'text_from: [novel, wordnet, {corpus: novel}]', '2:43: data.text_from: the same source twice'],
    ['format', 'caption_from: {webdatset: a.tar}', '2:29: data.caption_from: unknown format "webdatset": did you mean'],
    ['option', 'text_from: {text: {files: notes.txt, unit: x}}', '2:26: data.text_from: text has no option "unit"'],
    ['path', 'text_from: {text: ""}', '2:26: data.text_from: text.files must be a path; it is ""'],
    ['option missing', 'caption_from: {coco: {images: .}}', '2:29: data.caption_from: coco.annotations is missing'],
    ['no file', 'text_from: {text: away.txt}', `data files missing: away.txt (${join(folder, 'away.txt')})`],
    ['no shard', 'caption_from: {webdataset: "shards/{0..2}.tar"}', '1 of 3 data files missing: shards/2.tar'],
    ['no match', 'text_from: {text: "*.md"}', '2:26: data.text_from: No file matches *.md'],
    [
      'no folder',
      'caption_from: {coco: {annotations: notes.txt, images: away}}',
      'The folder of the pictures is missing',
    ],
    [
      'format of another kind',
      'caption_from: {text: notes.txt}',
      '2:29: data.caption_from: text gives text data, and not',
    ],
    ['of a kind that is not drawn', 'question_from: emojy', '2:30: data.question_from: unknown corpus "emojy".'],
    ['name too long', `text_from: {text: ${'x'.repeat(300)}}`, 'a file of the data cannot be read: ENAMETOOLONG'],
  ];
  it.each(faults)('%s', (_, text, expected) => {
    const found = problems(`base: {data: {${text}}}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('on an axis, at the value, and in it', () => {
    const axis =
      'axes:\n  data.caption_from: [emoji, emojy, [flags, {corpus: emoji, weight: x}], [world-captions, flegs]]\n';
    const found = problems(axis);
    expect(found.map((line) => line.split(': ').slice(0, 3).join(': '))).toEqual([
      '3:30: data.caption_from: unknown corpus "emojy". Did you mean "emoji"?',
      '3:69: data.caption_from.weight must be a number of at least 0; it is "x"',
      '3:91: data.caption_from: unknown corpus "flegs". Did you mean "flags"?',
    ]);
  });

  it.each([
    ['[emoji, [emoji]]', '2:35: axis data.caption_from has "emoji" twice'],
    ['[[flags, emoji], [emoji, flags]]', '2:44: axis data.caption_from has "emoji+flags" twice'],
    [
      '[{webdataset: shards/0.tar}, {webdataset: {shards: shards/0.tar}}]',
      '2:56: axis data.caption_from has the same sources twice',
    ],
  ])('an axis that says the same twice: %s', (values, expected) => {
    expect(problems(`axes: {data.caption_from: ${values}}\n`).map((line) => line.slice(0, expected.length))).toEqual([
      expected,
    ]);
  });

  it('with everything else, and no rule is checked on a list that is not known', () => {
    expect(
      problems('base: {data: {question: 1, question_from: away, text: -1}, connector: {tokens: 3}}\n'),
    ).toHaveLength(3);
    expect(problems('base: {data: {text_from: {corpus: away, weight: 0}}}\n')).toHaveLength(1);
  });
});

describe('sources in a recipe', () => {
  it('are the whole list in one order, with weights, and the identity of files', () => {
    const { caption_from } = data(
      'caption_from: [{webdataset: "shards/*.tar", weight: 3}, world-captions, {corpus: emoji, weight: 0}]',
    );
    expect(caption_from).toEqual([
      { source: 'emoji', weight: 0 },
      { source: 'world-captions', weight: 1 },
      {
        source: '{"webdataset":{"shards":"shards/*.tar"}}',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        weight: 3,
      },
    ]);
  });

  it('are the same variant however they are ordered or written, and the scale’s own where they are the same', () => {
    const key = (text: string) => load(`base: {data: {${text}}}\n`).variants[0]!.key;
    expect(key('text_from: [wordnet, speeches, novel, emoji-texts]')).toBe(load('').variants[0]!.key);
    expect(key('text_from: {text: notes.txt}')).toBe(
      key('text_from: [{weight: 1, text: {document: file, files: notes.txt}}]'),
    );
    expect(key('text_from: {text: notes.txt, weight: 2}')).not.toBe(key('text_from: {text: notes.txt}'));
    expect(key('text_from: novel')).not.toBe(key('text_from: wordnet'));
  });

  it('are an axis whose values are lists, in words that a table can show', () => {
    const plan = load('axes:\n  data.caption_from: [emoji, [world-captions, flags], {webdataset: shards/0.tar}]\n');
    expect(plan.axes[0]?.values).toEqual(['emoji', 'flags+world-captions', '{"webdataset":"shards/0.tar"}']);
    expect(plan.variants.map(({ recipe }) => from(recipe, 'caption'))).toEqual([
      ['emoji'],
      ['flags', 'world-captions'],
      ['{"webdataset":{"shards":"shards/0.tar"}}'],
    ]);
    expect(new Set(plan.variants.map(({ key }) => key)).size).toBe(3);
  });

  it('an axis wins over the base', () => {
    const plan = load('base: {data: {text_from: novel}}\naxes: {data.text_from: [wordnet]}\n');
    expect(from(plan.variants[0]!.recipe, 'text')).toEqual(['wordnet']);
  });

  it('a kind that is not drawn has none, and is the same variant whatever is named for it', () => {
    const plain = load('base: {data: {interleaved: 0}}\n').variants[0]!;
    expect(plain.recipe.data).toMatchObject({ interleaved_from: [], question_from: [] });
    const others = 'interleaved_from: emoji-quizzes, question_from: world-questions';
    const named = load(`base: {data: {interleaved: 0, ${others}}}\n`);
    expect(named.variants[0]!.key).toBe(plain.key);
    expect(data('question: 1').question_from).toEqual([{ source: 'emoji-questions', weight: 1 }]);
  });

  it('captions keep theirs for the encoder that is pre-trained on them, and not beside a checkpoint', () => {
    expect(data('caption: 0').caption_from).toEqual([{ source: 'emoji', weight: 1 }]);
    const [tower] = goldenTowers();
    const loaded = `base: {encoder: {checkpoint: "${tower!.folder}"}, connector: {tokens: 1}, data: {caption: 0}}\n`;
    expect(load(loaded).variants[0]!.recipe.data.caption_from).toEqual([]);
  });
});

describe('vecap', () => {
  it.each([
    ['0.07', 0.07],
    ['0.07 of captions', 0.07],
    ['.5 of captions', 0.5],
    ['1 of captions', 1],
    ['0', 0],
  ])('%s is %d', (written, share) => {
    expect(data(`vecap: ${written}`).vecap).toBe(share);
  });

  it.each(['7% of captions', '0.07 of texts', '-0.07 of captions'])('%s is none', (written) => {
    expect(problems(`base: {data: {vecap: ${written}}}\n`)[0]).toContain(
      '2:22: data.vecap must be a share from 0 to 1',
    );
  });

  it.each([
    ['1.5', 'must be at most 1, but is 1.5'],
    ['-0.1', 'must be at least 0, but is -0.1'],
    ['1.5 of captions', 'must be at most 1, but is "1.5 of captions"'],
  ])('%s is out of its range', (written, expected) => {
    expect(problems(`base: {data: {vecap: ${written}}}\n`)).toEqual([`2:22: data.vecap ${expected}`]);
  });

  it('is an axis, on which a share and its words are one value', () => {
    expect(load('axes: {data.vecap: [0, 0.07 of captions]}\n').axes[0]?.values).toEqual([0, 0.07]);
    expect(problems('axes: {data.vecap: [0.07, 0.07 of captions]}\n')[0]).toContain(
      '2:27: axis data.vecap has 0.07 twice',
    );
  });

  it('in the base is for the variants that have captions', () => {
    const plan = load('base: {data: {vecap: 0.07}}\naxes: {data.caption: [45, 0]}\n');
    expect(plan.variants.map(({ recipe }) => recipe.data.vecap)).toEqual([0.07, 0]);
  });
});

describe('rules between the settings of data', () => {
  it.each([
    [
      'no kind',
      'caption: 0, interleaved: 0, text: 0',
      '2:24: the weights of caption, interleaved, text and question are all 0',
    ],
    [
      'no source',
      'question: 2, question_from: []',
      '2:43: data.question_from names no source, and question data has the weight 2',
    ],
    [
      'no weight',
      'text_from: [{corpus: novel, weight: 0}]',
      '2:26: data.text_from gives all of its sources the weight 0',
    ],
    [
      'nothing for the encoder',
      'caption: 0, caption_from: none',
      '2:41: data.caption_from names no source, and the encoder is',
    ],
    ['rewritten captions alone', 'caption: 0, vecap: 0.07', '2:34: a share of 0.07 of the captions is rewritten'],
    [
      'no room',
      'caption: 0, images: 0',
      '2:35: a sequence has no room for a picture, and interleaved data has the weight 45',
    ],
    ['pictures', 'images: -1', '2:23: data.images must be at least 0, but is -1'],
    ['detail', 'detail: 0', '2:23: data.detail must be greater than 0, but is 0'],
    ['share', 'text_tokens: 1.5', '2:28: data.text_tokens must be a whole number, but is 1.5'],
  ])('%s', (_, text, expected) => {
    const found = problems(`base: {data: {${text}}}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('text alone needs no room for pictures; a source without weight may stand beside one that has some', () => {
    const text = 'base: {data: {caption: 0, interleaved: 0, images: 0}}\nevaluation: {tasks: [textcore]}\n';
    expect(load(text).variants[0]!.recipe.data.images).toBe(0);
    expect(data('text_from: [novel, {corpus: wordnet, weight: 0}]').text_from).toHaveLength(2);
  });

  it('detail is part of a recipe where it is given, at any resolution', () => {
    expect(data('text: 1')).not.toHaveProperty('detail');
    const plan = load('base: {data: {detail: 224}}\naxes: {encoder.resolution: [224, 336]}\n');
    expect(plan.variants.map(({ recipe }) => recipe.data.detail)).toEqual([224, 224]);
  });
});

describe("the encoder's data", () => {
  it('are settings of its training', () => {
    const plan = load('base: {encoder: {pictures: 70}}\naxes: {encoder.data: [dfn-2b, imagetext-400m]}\n');
    expect(plan.variants.map(({ recipe }) => [recipe.encoder.data, recipe.encoder.pictures])).toEqual([
      ['dfn-2b', 70],
      ['imagetext-400m', 70],
    ]);
  });

  it.each([
    ['data: dfn-3b', '2:24: encoder.data has the unknown value "dfn-3b": did you mean "dfn-2b"?'],
    ['pictures: 0', '2:28: encoder.pictures must be greater than 0, but is 0'],
  ])('%s', (text, expected) => {
    expect(problems(`base: {encoder: {${text}}}\n`)).toEqual([expected]);
  });

  it('are for an encoder that is trained here', () => {
    const [tower] = goldenTowers();
    const text = (more: string) =>
      `base: {connector: {tokens: 1}, encoder: {${more}, checkpoint: "${tower!.folder}"}}\n`;
    expect(problems(text('pictures: 4'))[0]).toContain('encoder.pictures is for a part that is trained here');
    expect(problems(text('data: dfn-2b'))[0]).toContain('encoder.data is for a part that is trained here');
  });
});

it('a grid that names a source cannot be read without a reader of sources', () => {
  writeFileSync(file, 'seeds: [0]\nbase: {data: {text_from: novel}}\n');
  expect(() => loadGrid(file)).toThrow('nothing was given to read it with');
});
