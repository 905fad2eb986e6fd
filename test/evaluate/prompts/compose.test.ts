import { expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/data/tokenizer/index.js';
import {
  demonstrationsOf,
  encodePrompt,
  joined,
  promptOf,
  writtenPrompt,
} from '../../../src/evaluate/prompts/compose.js';
import { PROMPTS } from '../../../src/evaluate/prompts/templates.js';

const APPLE = { image: 'noto/1f34e', question: 'Is it $& red?', references: ['yes', 'aye'] };

it('a question is put as MM1 puts it, whatever it holds', () => {
  expect(promptOf(PROMPTS.question!, APPLE)).toEqual([
    { image: 'noto/1f34e' },
    { text: 'Question: Is it $& red? Short answer:' },
  ]);
  expect(promptOf(PROMPTS.caption!, APPLE)).toEqual([{ image: 'noto/1f34e' }, { text: 'A drawing of' }]);
  expect(promptOf(PROMPTS['world-caption']!, APPLE)).toEqual([{ image: 'noto/1f34e' }]);
});

it('without its picture, nothing stands in its place; a picture may stand anywhere', () => {
  expect(promptOf(PROMPTS.caption!, { ...APPLE, image: null })).toEqual([{ text: 'A drawing of' }]);
  expect(promptOf('Look: {image} What?', APPLE)).toEqual([
    { text: 'Look: ' },
    { image: 'noto/1f34e' },
    { text: ' What?' },
  ]);
});

it('demonstrations are solved prompts of the same form, one a line', () => {
  const pear = { ...APPLE, image: 'noto/1f350', references: ['no'] };
  expect(writtenPrompt(demonstrationsOf(PROMPTS.question!, [APPLE, pear]))).toBe(
    '<noto/1f34e>Question: Is it $& red? Short answer: yes\n<noto/1f350>Question: Is it $& red? Short answer: no\n',
  );
  expect(demonstrationsOf(PROMPTS['world-caption']!, [APPLE])).toEqual([{ image: 'noto/1f34e' }, { text: 'yes\n' }]);
  expect(demonstrationsOf(PROMPTS['is-a']!, [{ ...APPLE, image: null, question: 'a dog' }])).toEqual([
    { text: 'a dog is a kind of yes\n' },
  ]);
});

it('neighbouring texts are encoded as one text', () => {
  const tokenizer = loadTokenizer();
  const parts = [{ text: 'A draw' }, { text: 'ing of' }, { image: 'x' }, { text: ' red' }];
  expect(joined(parts)).toEqual([{ text: 'A drawing of' }, { image: 'x' }, { text: ' red' }]);
  expect(encodePrompt(parts, tokenizer)).toEqual([
    { tokens: tokenizer.encode('A drawing of'), counted: false },
    { image: 'x' },
    { tokens: tokenizer.encode(' red'), counted: false },
  ]);
});
