import { expect, it } from 'vitest';
import type { StoredDocument } from '../../src/data/document-set.js';
import { EncodedDocuments } from '../../src/data/encoded-documents.js';
import { loadTokenizer, type Tokenizer } from '../../src/data/tokenizer/index.js';
import { documentSet } from './document-folder.js';

const tokenizer = loadTokenizer();
const ended = (text: string) => ({ tokens: [...tokenizer.encode(text), tokenizer.endOfText], counted: true });

/** A document as the language model reads it. */
function encoded(document: StoredDocument) {
  const documents = new EncodedDocuments(documentSet({ one: [document] }), tokenizer);
  const read = documents.read(0);
  documents.set.close();
  return read;
}

it('each caption stands as it is, with its end', () => {
  expect(
    encoded({ kind: 'caption', id: 'a', image: 'a.png', alt: ['red apple', 'fruit'], rewritten: ['one red apple'] }),
  ).toEqual({
    kind: 'caption',
    image: 'a.png',
    alt: [ended('red apple'), ended('fruit')],
    rewritten: [ended('one red apple')],
  });
});

it("a question has the form of MM1's prompts, and the loss falls on its answer alone", () => {
  const questions = [
    { question: 'Which fruit?', answer: 'apple' },
    { question: 'How many?', answer: '2' },
  ];
  expect(encoded({ kind: 'question', id: 'a', image: 'a.png', questions })).toEqual({
    kind: 'question',
    image: 'a.png',
    examples: questions.map(({ question, answer }) => [
      { tokens: tokenizer.encode(`Question: ${question} Short answer:`), counted: false },
      ended(` ${answer}`),
    ]),
  });
});

it('a document keeps the order of its text and pictures; its end stands behind all of it, once', () => {
  const pieces = [{ image: '1.png' }, { text: 'first\n' }, { image: '2.png' }, { text: 'second\n' }];
  const text = (words: string) => ({ tokens: tokenizer.encode(words), counted: true });
  expect(encoded({ kind: 'interleaved', id: 'a', pieces })).toEqual({
    kind: 'interleaved',
    pieces: [
      { image: '1.png' },
      text('first\n'),
      { image: '2.png' },
      text('second\n'),
      { tokens: [tokenizer.endOfText], counted: true },
    ],
  });
});

it('a text is one piece with its end', () => {
  expect(encoded({ kind: 'text', id: 'a', text: 'one\ntwo' })).toEqual({ kind: 'text', pieces: [ended('one\ntwo')] });
});

it('what was read before is not encoded again', () => {
  let calls = 0;
  const counting: Tokenizer = {
    ...tokenizer,
    encode(text) {
      calls++;
      return tokenizer.encode(text);
    },
  };
  const texts = ['one', 'two'].map((text): StoredDocument => ({ kind: 'text', id: text, text }));
  const documents = new EncodedDocuments(documentSet({ one: texts }), counting);
  const [first, second] = [documents.read(0), documents.read(1)];
  expect(second).not.toEqual(first);
  expect([documents.read(0), documents.read(1)]).toEqual([first, second]);
  expect(documents.read(0)).toBe(first);
  expect(calls).toBe(2);
  documents.set.close();
});

it('no more than four million tokens are kept: what has no room is encoded every time', () => {
  // Every call stands for a text of three million tokens.
  const many = new Array<number>(3_000_000).fill(5);
  const long: Tokenizer = { ...tokenizer, encode: (text) => (text === 'short' ? [5] : many) };
  const texts = ['long', 'longer', 'short'].map((text): StoredDocument => ({ kind: 'text', id: text, text }));
  const documents = new EncodedDocuments(documentSet({ one: texts }), long);
  const [first, second, third] = [documents.read(0), documents.read(1), documents.read(2)];
  const again = [documents.read(0) === first, documents.read(1) === second, documents.read(2) === third];
  expect(again).toEqual([true, false, true]);
  documents.set.close();
});
