import { expect, it } from 'vitest';
import { loadEmojiCorpus, trainingConcepts } from '../../src/data/emoji/corpus.js';
import { captionExamples, contextOf, questionExamples } from '../../src/data/examples.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { encodeConcepts, TEXT_LENGTH } from '../../src/train/language.js';

const tokenizer = loadTokenizer();
const corpus = loadEmojiCorpus({ concepts: 12 });

it('the loss falls on answers and their ends, and prompts are only read', () => {
  const encoded = encodeConcepts(corpus, tokenizer);
  const concepts = trainingConcepts(corpus);
  expect([...encoded.keys()]).toEqual(concepts.map(({ id }) => id));
  for (const concept of concepts) {
    const { context, captions, questions } = encoded.get(concept.id)!;
    expect(context).toEqual(tokenizer.encode(contextOf(concept)));
    const written = [...captionExamples(concept), ...questionExamples(concept, corpus)];
    expect([...captions, ...questions]).toEqual(
      written.map(({ kind, prompt, answer }) => ({
        kind,
        pieces: [
          { tokens: tokenizer.encode(prompt), counted: false },
          { tokens: [...tokenizer.encode(answer), tokenizer.endOfText], counted: true },
        ],
      })),
    );
  }
});

it('a sequence has 64 text tokens', () => expect(TEXT_LENGTH).toBe(64));
