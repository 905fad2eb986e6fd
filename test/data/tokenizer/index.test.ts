import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { captionOf, loadEmojiCorpus, trainingConcepts } from '../../../src/data/emoji/corpus.js';
import { loadTokenizer } from '../../../src/data/tokenizer/index.js';
import { tokenizerTrainingText } from '../../../src/data/tokenizer/training-text.js';
import { groupFolder } from '../../golden-folder.js';

const golden = groupFolder('tokenizer');
const reference: {
  config: { vocab_size: number };
  encodings: { text: string; ids: number[]; decoded_skip_special: string }[];
} = JSON.parse(readFileSync(join(golden, 'case.json'), 'utf8'));

const corpus = loadEmojiCorpus();
const folder = mkdtempSync(join(tmpdir(), 'mm1-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a tokenizer in Hugging Face's format", () => {
  const tokenizer = loadTokenizer(join(golden, 'tokenizer.json'));

  it.each(reference.encodings.map(({ text, ...rest }) => [text, rest] as const))(
    'encodes and decodes %j',
    (text, expected) => {
      expect(tokenizer.encode(text)).toEqual(expected.ids);
      expect(tokenizer.decode(expected.ids)).toBe(expected.decoded_skip_special);
    },
  );

  it("knows its size and Llama's names of the special tokens", () => {
    expect(tokenizer.vocabularySize).toBe(reference.config.vocab_size);
    expect([tokenizer.pad, tokenizer.beginOfText, tokenizer.endOfText]).toEqual([0, 1, 2]);
  });
});

it('adds nothing to a text, even where the file has a template for it', () => {
  const stored = JSON.parse(readFileSync(join(golden, 'tokenizer.json'), 'utf8'));
  stored.post_processor = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  };
  const path = join(folder, 'template.json');
  writeFileSync(path, JSON.stringify(stored));
  const { text, ids } = reference.encodings[0]!;
  expect(loadTokenizer(path).encode(text)).toEqual(ids);
});

describe('the built-in tokenizer', () => {
  const tokenizer = loadTokenizer();

  it('has 2,048 entries and three special tokens', () => {
    expect(tokenizer.vocabularySize).toBe(2048);
    expect([tokenizer.endOfText, tokenizer.pad, tokenizer.beginOfText]).toEqual([0, 1, 2]);
    expect(tokenizer.encode('<|endoftext|><|pad|><|bos|>')).toEqual([0, 1, 2]);
    expect(tokenizer.decode([0, ...tokenizer.encode('x'), 1, 2])).toBe('x');
  });

  it('gives back every text of the corpus, and any other', () => {
    const texts = corpus.concepts.map((concept) => ` ${captionOf(concept)}`);
    for (const text of [...texts, '', ' ', 'two  spaces\n', "it is n't , or is it ?", 'naïve 🍎 \u0000 語']) {
      const ids = tokenizer.encode(text);
      expect(tokenizer.decode(ids)).toBe(text);
      for (const id of ids) expect(id).toBeLessThan(2048);
    }
  });

  it('joins where words join', () => {
    const parts = ['A drawing of', ' red apple'].flatMap((text) => tokenizer.encode(text));
    expect(tokenizer.encode('A drawing of red apple')).toEqual(parts);
  });

  it('has one token for a frequent word with its space', () => {
    const counts = new Map<string, number>();
    for (const line of tokenizerTrainingText(corpus)) {
      for (const [word] of line.matchAll(/ [A-Za-z]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    const frequent = [...counts].filter(([, count]) => count >= 20).map(([word]) => word);
    expect(frequent.length).toBeGreaterThan(200);
    expect(frequent.filter((word) => tokenizer.encode(word).length > 1)).toEqual([]);
    const lengths = trainingConcepts(corpus).map((concept) => tokenizer.encode(` ${captionOf(concept)}`).length);
    expect(lengths.reduce((sum, length) => sum + length) / lengths.length).toBeLessThan(4);
  });

  it('was trained on nothing of a held-out concept', () => {
    const text = tokenizerTrainingText(corpus).join('\n').toLowerCase();
    const unknown = corpus.concepts
      .filter(({ heldOut }) => heldOut)
      .flatMap(({ label }) => label.toLowerCase().match(/[a-z]+/g) ?? [])
      .filter((word) => word.length > 4 && !text.includes(word));
    expect(unknown.length).toBeGreaterThan(100);
    expect(unknown.filter((word) => tokenizer.encode(` ${word}`).length === 1)).toEqual([]);
  });
});

/** A copy of the golden tokenizer that lacks one special token. */
function without(token: string): string {
  const stored = JSON.parse(readFileSync(join(golden, 'tokenizer.json'), 'utf8'));
  delete stored.model.vocab[token];
  stored.added_tokens = stored.added_tokens.filter(({ content }: { content: string }) => content !== token);
  const path = join(folder, 'without.json');
  writeFileSync(path, JSON.stringify(stored));
  return path;
}

it("Llama's has no token for padding: the end of a text fills a batch up", () => {
  const { pad, endOfText } = loadTokenizer(without('<pad>'));
  expect(pad).toBe(endOfText);
});

it("knows Llama 3's names of the special tokens", () => {
  const names = { '<s>': '<|begin_of_text|>', '</s>': '<|end_of_text|>' };
  const renamed = Object.entries(names).reduce(
    (text, [from, to]) => text.replaceAll(JSON.stringify(from), JSON.stringify(to)),
    readFileSync(without('<pad>'), 'utf8'),
  );
  const path = join(folder, 'llama-3.json');
  writeFileSync(path, renamed);
  const { beginOfText, endOfText, pad } = loadTokenizer(path);
  expect([beginOfText, endOfText, pad]).toEqual([1, 2, 2]);
});

describe('a tokenizer that cannot be read', () => {
  it.each([
    ['not JSON', 'tokens'],
    ['another object', '{"model": {"type": "BPE"}}'],
    ['null', 'null'],
  ])('is named: %s', (_, content) => {
    const path = join(folder, 'tokenizer.json');
    writeFileSync(path, content);
    expect(() => loadTokenizer(path)).toThrow(
      expect.objectContaining({ name: 'Mm1Error', code: 'E_TOKENIZER', where: path }),
    );
  });

  it('is named where it is missing', () => {
    expect(() => loadTokenizer(join(folder, 'missing.json'))).toThrow(
      expect.objectContaining({ code: 'E_TOKENIZER', where: join(folder, 'missing.json') }),
    );
  });

  it('is named where it lacks the token that ends a text', () => {
    expect(() => loadTokenizer(without('</s>'))).toThrow(/no special token <\|endoftext\|> or <\/s>/);
  });
});
