import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textsOf } from '../../../src/data/corpora/counts.js';
import { CORPORA } from '../../../src/data/corpora/index.js';
import { sampleOf } from '../../../src/data/corpora/sample.js';
import { captionOf, loadEmojiCorpus } from '../../../src/data/emoji/corpus.js';
import { loadTokenizer } from '../../../src/data/tokenizer/index.js';
import { tokenizerTrainingText } from '../../../src/data/tokenizer/training-text.js';
import { stringsOf } from '../../../src/data/world/split.js';
import { groupFolder } from '../../golden-folder.js';

const golden = groupFolder('tokenizer');
const reference: {
  config: { vocab_size: number };
  encodings: { text: string; ids: number[]; decoded_skip_special: string }[];
} = JSON.parse(readFileSync(join(golden, 'case.json'), 'utf8'));

const corpus = loadEmojiCorpus();
const corpusNamed = (name: string) => CORPORA.find((each) => each.name === name)!;
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

  it('has 4,096 entries and three special tokens', () => {
    expect(tokenizer.vocabularySize).toBe(4096);
    expect([tokenizer.endOfText, tokenizer.pad, tokenizer.beginOfText]).toEqual([0, 1, 2]);
    expect(tokenizer.encode('<|endoftext|><|pad|><|bos|>')).toEqual([0, 1, 2]);
    expect(tokenizer.decode([0, ...tokenizer.encode('x'), 1, 2])).toBe('x');
  });

  it('gives back every text of the corpus, and any other', () => {
    const texts = corpus.concepts.map((concept) => ` ${captionOf(concept)}`);
    for (const text of [...texts, '', ' ', 'two  spaces\n', "it is n't , or is it ?", 'naïve 🍎 \u0000 語']) {
      const ids = tokenizer.encode(text);
      expect(tokenizer.decode(ids)).toBe(text);
      for (const id of ids) expect(id).toBeLessThan(4096);
    }
  });

  it('joins where words join', () => {
    const parts = ['A drawing of', ' red apple'].flatMap((text) => tokenizer.encode(text));
    expect(tokenizer.encode('A drawing of red apple')).toEqual(parts);
  });

  it.each([
    ['emoji', 1.85],
    ['emoji-texts', 1.85],
    ['world-captions', 1.2],
    ['world-texts', 1.3],
    ['wordnet', 2.2],
    ['speeches', 1.6],
    ['novel', 1.8],
  ])('writes held-out text of %s in few tokens a word', async (name, most) => {
    const texts = (await sampleOf(corpusNamed(name).open('held-out', ''), 40)).flatMap(textsOf);
    const words = texts.flatMap((text) => text.match(/[\p{L}\p{M}\p{N}'’]+/gu) ?? []).length;
    const tokens = texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
    expect(tokens / words).toBeLessThan(most);
  });

  it('spells what a sign says, on both sides of the split', () => {
    for (const text of [...stringsOf('train'), ...stringsOf('held-out')]) {
      expect(tokenizer.encode(` ${text}`)).toHaveLength(2);
    }
  });
});

describe("the built-in tokenizer's training text", () => {
  const lines: string[] = [];
  beforeAll(async () => {
    for await (const line of tokenizerTrainingText()) lines.push(line);
  }, 30_000);

  // A change here means that src/data/tokenizer/default.json is to be trained again: see scripts/train-tokenizer.py.
  it('is the one that its file was made of', () => {
    const digest = createHash('sha256')
      .update(`${lines.join('\n')}\n`)
      .digest('hex');
    expect(digest).toBe('8e486bf28268baea5c5325acca34112c12b52cb9c5b5c23a1a8db0b9c1ddbf5a');
  });

  it('has nothing of a held-out document', async () => {
    const known = new Set(lines);
    for (const name of ['emoji-texts', 'world-captions', 'wordnet', 'speeches', 'novel']) {
      let documents = 0;
      for await (const document of corpusNamed(name).open('held-out', '').documents()) {
        const parts = textsOf(document).flatMap((text) => text.split('\n'));
        // The line that is this document's own: of an emoji, what it is; else the longest.
        const own = name === 'emoji-texts' ? parts[0]! : parts.reduce((a, b) => (b.length > a.length ? b : a));
        if (known.has(own)) throw new Error(`${document.id} is in it`);
        documents++;
      }
      expect(documents).toBeGreaterThan(5);
    }
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
