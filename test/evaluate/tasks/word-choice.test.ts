import { describe, expect, it } from 'vitest';
import { antonym } from '../../../src/evaluate/tasks/antonym.js';
import { definition } from '../../../src/evaluate/tasks/definition.js';
import { isA } from '../../../src/evaluate/tasks/is-a.js';
import { lookAlike, readLexicon, sideOfSynset, wordsOf } from '../../../src/evaluate/tasks/lexicon.js';
import type { DrawnItem, Task, TaskItems } from '../../../src/evaluate/tasks/task.js';
import { ALL, plain } from './place.js';

const lexicon = readLexicon();
const drawn = new Map<Task, TaskItems>();
for (const task of [definition, isA, antonym]) drawn.set(task, await task.draw(ALL));

const synset = (id: string) => lexicon.synsets.get(id)!;
const heldOut = (id: string) => sideOfSynset(synset(id)) === 'held-out';
/** All that a synset is a kind of, itself included. */
function above(id: string): string[] {
  return [id, ...synset(id).hypernyms.flatMap(above)];
}

describe.each([
  { task: definition, items: 2000, per: 1 },
  { task: isA, items: 950, per: 1 },
  { task: antonym, items: 130, per: 2 },
])('$task.prompt', ({ task, items, per }) => {
  const all = drawn.get(task)!;

  it('asks about held-out synsets, and shows others', () => {
    expect(all.asked.length).toBeGreaterThan(items);
    expect(new Set(all.asked.map(({ id }) => id)).size).toBe(all.asked.length);
    expect(all.asked.filter(({ concept }) => !concept.split('/').some(heldOut))).toEqual([]);
    expect(all.asked.every(({ concept }) => concept.split('/').length === per)).toBe(true);
    expect(all.examples).toHaveLength(ALL.demonstrations);
    expect(all.examples.filter(({ concept }) => concept.split('/').some(heldOut))).toEqual([]);
    const named = new Set(all.asked.flatMap(({ question, choices }) => [question, ...choices]));
    expect(all.examples.filter(({ question, references }) => named.has(question) || named.has(references[0]!))).toEqual(
      [],
    );
  });

  it('asks the same each time, and fewer of the same, and shows nothing that is not wanted', async () => {
    const { asked, examples } = await task.draw({ ...ALL, items: 42, demonstrations: 0 });
    expect(asked).toEqual(all.asked.slice(0, 42));
    expect(examples).toEqual([]);
  });

  it('gives four different choices, one of them right, of one part of speech', () => {
    for (const { choices, references, concept } of all.asked) {
      expect(new Set(choices).size).toBe(4);
      expect(references).toHaveLength(1);
      expect(choices).toContain(references[0]);
      const { part } = synset(concept.split('/')[0]!);
      const known = [...choices].every((word) => partsOf(word).has(part));
      if (!known) throw new Error(`${choices} are not all of ${part}`);
    }
    expect(task.chance(plain(all.asked))).toBe(25);
  });

  it.each<[string, (word: string, question: string) => number]>([
    ['short', (word) => -word.length],
    ['long', (word) => word.length],
    ['common', (word) => lexicon.uses.get(word)!],
    ['rare', (word) => -lexicon.uses.get(word)!],
    ['early in the alphabet', (word) => -word.charCodeAt(0)],
    ['first', () => 0],
  ])('who always takes what is %s is right once in four times', (_, worth) => {
    expect(guessed(all.asked, worth)).toBeCloseTo(25, 6);
  });

  it.each<[string, (word: string, question: string) => number]>([
    ['shares most letters with the question', common],
    ['shares fewest letters with the question', (word, question) => -common(word, question)],
    ['ends as the question does', (word, question) => (question.endsWith(word.slice(-2)) ? 1 : 0)],
    ['is as long as the question', (word, question) => -Math.abs(word.length - question.length)],
  ])('who takes what %s is right no more often than by chance', (_, worth) => {
    // Three standard errors of a guess more, and five points where there are many items.
    const slack = Math.max(5, (300 * Math.sqrt(0.25 * 0.75)) / Math.sqrt(all.asked.length));
    expect(guessed(all.asked, worth)).toBeLessThan(25 + slack);
  });

  function guessed(asked: readonly DrawnItem[], worth: (word: string, question: string) => number): number {
    const best = asked.map(({ choices, question }) =>
      choices.reduce((a, b) => (worth(b, question) > worth(a, question) ? b : a)),
    );
    return task.score(best, plain(asked)).value;
  }
});

/** Share of a word's pairs of letters that stand in the question. */
function common(word: string, question: string): number {
  const pairs = Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2));
  return pairs.filter((pair) => question.includes(pair)).length / pairs.length;
}

const parts = new Map<string, Set<string>>();
function partsOf(word: string): Set<string> {
  if (parts.size === 0) {
    for (const { words, part } of lexicon.synsets.values()) {
      for (const each of words) parts.set(each, (parts.get(each) ?? new Set()).add(part));
    }
  }
  return parts.get(word) ?? new Set();
}

it('no definition holds its word, one like it, or another choice', () => {
  const { asked, examples } = drawn.get(definition)!;
  const told = ({ question, choices }: DrawnItem) =>
    choices.some((word) =>
      wordsOf(question).some((other) => other === word || (other.length > 3 && other.includes(word))),
    );
  expect([...asked, ...examples].filter(told)).toEqual([]);
  const planted = { ...asked[0]!, question: `${asked[0]!.question} or ${asked[0]!.references[0]}s` };
  expect(told(planted)).toBe(true);
  for (const { concept, question, choices, references } of asked) {
    expect(synset(concept).definition).toBe(question);
    expect(choices.filter((word) => synset(concept).words.includes(word))).toEqual(references);
  }
});

it('a hypernym is asked for once, and no other choice is an ancestor in any sense', () => {
  const { asked } = drawn.get(isA)!;
  expect(new Set(asked.map(({ references }) => references[0])).size).toBe(asked.length);
  const senses = new Map<string, string[]>();
  for (const { id, words, part } of lexicon.synsets.values()) {
    if (part === 'noun') for (const word of words) senses.set(word, [...(senses.get(word) ?? []), id]);
  }
  for (const { concept, question, references, choices } of asked) {
    const direct = synset(concept).hypernyms.flatMap((id) => synset(id).words);
    expect(direct).toContain(references[0]);
    const kinds = new Set(
      senses
        .get(question)!
        .flatMap(above)
        .flatMap((id) => synset(id).words),
    );
    expect(choices.filter((word) => kinds.has(word))).toEqual(references);
    expect(choices.filter((word) => lookAlike(word, question, 3))).toEqual([]);
  }
});

it('an antonym is the opposite of its word, and no other choice is', () => {
  const { asked } = drawn.get(antonym)!;
  const pairs = new Set<string>();
  for (const { antonyms } of lexicon.synsets.values()) {
    for (const { word, synset: id, opposite } of antonyms) pairs.add(`${word}/${synset(id).words[opposite]}`);
  }
  for (const known of ['hot/cold', 'cold/hot', 'buy/sell']) expect(pairs.has(known)).toBe(true);
  for (const { question, choices, references } of asked) {
    expect(choices.filter((word) => pairs.has(`${question}/${word}`))).toEqual(references);
    expect(choices.filter((word) => word === question || lookAlike(word, question, 3))).toEqual([]);
  }
});

it('words look alike that have letters in a row in common, or one within the other', () => {
  expect(lookAlike('increase', 'decrease', 3)).toBe(true);
  expect(lookAlike('dog', 'watchdog', 4)).toBe(true);
  expect(lookAlike('able', 'unable', 5)).toBe(true);
  expect(lookAlike('increase', 'decrease', 7)).toBe(false);
  expect(lookAlike('hot', 'cold', 3)).toBe(false);
});

it('an answer is right to the letter, 100 or 0', () => {
  const [first, second] = plain(drawn.get(antonym)!.asked);
  const output = first!.references[0]!;
  expect(antonym.score([output, output], [first!, second!])).toEqual({ items: [100, 0], value: 50 });
});
