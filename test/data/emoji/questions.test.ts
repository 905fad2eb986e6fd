import { describe, expect, it } from 'vitest';
import { type Corpus, loadEmojiCorpus } from '../../../src/data/emoji/corpus.js';
import { QUESTION_KINDS, questionsOf } from '../../../src/data/emoji/questions/index.js';

const corpus = loadEmojiCorpus();

/** Answers by kind, as if the concept were trained on. */
function answers(label: string): Record<string, string> {
  const concept = corpus.concepts.find((candidate) => candidate.label === label);
  if (!concept) throw new Error(`no concept ${label}`);
  const open: Corpus = { ...corpus, concepts: corpus.concepts.map((each) => ({ ...each, heldOut: false })) };
  return Object.fromEntries(
    questionsOf({ ...concept, heldOut: false }, open).map(({ kind, answer }) => [kind, answer]),
  );
}

describe('questionsOf', () => {
  it.each([
    ['red apple', { group: 'food and drink', subgroup: 'food fruit' }],
    ['grinning face', { group: 'smileys and emotion', subgroup: 'face smiling' }],
    ['flag: Norway', { group: 'flags', subgroup: 'country flag', country: 'norway' }],
    ["flag: Côte d'Ivoire", { group: 'flags', subgroup: 'country flag', country: 'cote divoire' }],
    ['flag: Guinea-Bissau', { group: 'flags', subgroup: 'country flag', country: 'guinea bissau' }],
    ['flag: Congo - Kinshasa', { group: 'flags', subgroup: 'country flag', country: 'congo kinshasa' }],
    ['flag: Myanmar (Burma)', { group: 'flags', subgroup: 'country flag', country: 'myanmar' }],
    ['flag: St. Kitts & Nevis', { group: 'flags', subgroup: 'country flag', country: 'st kitts and nevis' }],
    ['flag: United Nations', { group: 'flags', subgroup: 'country flag' }],
    ['flag: Scotland', { group: 'flags', subgroup: 'subdivision flag' }],
    ["two o'clock", { group: 'travel and places', subgroup: 'time', clock: 'two oclock' }],
    ['two-thirty', { group: 'travel and places', subgroup: 'time', clock: 'two thirty' }],
    ['alarm clock', { group: 'travel and places', subgroup: 'time' }],
    ['up arrow', { group: 'symbols', subgroup: 'arrow', arrow: 'up' }],
    ['down-left arrow', { group: 'symbols', subgroup: 'arrow', arrow: 'down left' }],
    ['left-right arrow', { group: 'symbols', subgroup: 'arrow', arrow: 'left and right' }],
    ['left arrow curving right', { group: 'symbols', subgroup: 'arrow', arrow: 'right' }],
    ['BACK arrow', { group: 'symbols', subgroup: 'arrow', arrow: 'left' }],
    ['clockwise vertical arrows', { group: 'symbols', subgroup: 'arrow' }],
    ['bow and arrow', { group: 'objects', subgroup: 'tool' }],
  ])('answers of %s', (label, expected) => {
    expect(answers(label)).toEqual(expected);
  });

  it('gives the training answers of the kind as choices', () => {
    const sizes: Record<string, number> = {};
    for (const concept of corpus.concepts) {
      for (const { kind, answer, choices } of questionsOf(concept, corpus)) {
        expect(choices).toContain(answer);
        expect(choices).toEqual([...new Set(choices)].sort());
        sizes[kind] = choices.length;
      }
    }
    expect(sizes).toEqual({ group: 9, subgroup: 98, country: 191, clock: 20, arrow: 9 });
  });

  it('asks of held-out concepts what their likes teach, and nothing else', () => {
    const capped = loadEmojiCorpus({ concepts: 800 });
    const trained = new Set(capped.concepts.filter((c) => !c.heldOut).map((c) => c.subgroup));
    let left = 0;
    for (const concept of capped.concepts.filter(({ heldOut }) => heldOut)) {
      const kinds = questionsOf(concept, capped).map(({ kind }) => kind);
      const known = trained.has(concept.subgroup);
      expect(kinds).toEqual(known ? ['group', 'subgroup'] : ['group']);
      if (!known) left += 1;
    }
    expect(left).toBeGreaterThan(0);
  });

  it('answers in lower case, without punctuation, with one id a question', () => {
    const ids = new Set<string>();
    for (const concept of corpus.concepts) {
      for (const { id, answer } of questionsOf(concept, corpus)) {
        expect(answer).toMatch(/^[a-z0-9]+( [a-z0-9]+)*$/);
        expect(ids).not.toContain(id);
        ids.add(id);
      }
    }
    expect(QUESTION_KINDS.map(({ name }) => name)).toEqual(['group', 'subgroup', 'country', 'clock', 'arrow']);
  });
});
