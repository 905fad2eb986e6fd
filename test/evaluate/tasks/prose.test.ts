import { describe, expect, it } from 'vitest';
import { cloze, passagesOf } from '../../../src/evaluate/tasks/cloze.js';
import { proseOf } from '../../../src/evaluate/tasks/prose.js';
import { speechBits } from '../../../src/evaluate/tasks/speech-bits.js';
import { ALL, plain } from './place.js';

const flat = (text: string) => text.replace(/\s+/g, ' ');
const heldOut = new Map((await proseOf('held-out')).map(({ id, text }) => [id, text]));
const trained = new Map((await proseOf('train')).map(({ id, text }) => [id, text]));

describe.each([
  { task: cloze, items: 200 },
  { task: speechBits, items: 2000 },
])('$task.prompt', async ({ task, items }) => {
  const { asked, examples } = await task.draw(ALL);

  it('asks about held-out texts, and shows training texts, each of another', () => {
    expect(asked.length).toBeGreaterThan(items);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
    for (const { concept, question } of asked) expect(flat(heldOut.get(concept)!)).toContain(flat(question));
    const train = flat([...trained.values()].join('\n'));
    expect(asked.filter(({ question }) => train.includes(flat(question)))).toEqual([]);
    // A text that is measured has nothing that could be demonstrated.
    expect(examples).toHaveLength(task.answer === 'measured' ? 0 : ALL.demonstrations);
    expect(new Set(examples.map(({ concept }) => concept)).size).toBe(examples.length);
    for (const { concept, question, references } of examples) {
      expect(flat(trained.get(concept)!)).toContain(flat(`${question} ${references[0]}`));
    }
    for (const corpus of ['speeches/', 'novel/']) {
      expect(asked.some(({ id }) => id.startsWith(corpus))).toBe(true);
    }
  });

  it('asks the same each time, and some of the same when fewer are asked', async () => {
    const fewer = await task.draw({ ...ALL, items: 30, demonstrations: 0 });
    expect(await task.draw({ ...ALL, items: 30, demonstrations: 0 })).toEqual(fewer);
    expect(fewer.asked).toHaveLength(30);
    expect(fewer.examples).toEqual([]);
    const all = new Set(asked.map(({ id }) => id));
    expect(fewer.asked.every(({ id }) => all.has(id))).toBe(true);
  });
});

describe('cloze', async () => {
  const { asked } = await cloze.draw(ALL);
  const words = (text: string) => text.toLowerCase().match(/[a-z]+(?:['’-][a-z]+)*/g)!;
  const told = ({ question, references }: (typeof asked)[number]) =>
    words(question).at(-1) === references[0]!.toLowerCase();

  it('asks for a word that stands in the passage, and never right before its gap', () => {
    for (const { question, references, choices } of asked) {
      const [word] = references;
      expect(word).toMatch(/^[A-Za-z]{3,}$/);
      expect(words(question)).toContain(word!.toLowerCase());
      expect(question).toBe(question.trim());
      expect(choices).toContain(word!.toLowerCase());
      expect(new Set(choices).size).toBe(choices.length);
      expect(question.length).toBeLessThan(400);
      expect(choices.filter((choice) => ['the', 'and', 'with', 'their'].includes(choice))).toEqual([]);
    }
    expect(asked.filter(told)).toEqual([]);
    expect(told({ ...asked[0]!, question: `${asked[0]!.question} ${asked[0]!.references[0]}` })).toBe(true);
  });

  it('has two to four sentences, the last without its end', () => {
    for (const { question } of asked) {
      const ends = question.match(/(?<!\b(?:Mr|Mrs|Dr|St|Gen|Col|Capt|Hon|Messrs))[.!?]["')\]]* ["'([]*[A-Z]/g) ?? [];
      expect([1, 2, 3]).toContain(ends.length);
      expect(question).not.toMatch(/[.?!]$/);
    }
  });

  it.each([
    ['The sea was calm. All of us watched the sea.', 'sea'],
    ['He met Mr. Smith there. Nobody liked Smith.', 'Smith'],
    ['The sea was calm. We saw sea, sea.', null], // the answer right before its gap
    ['The sea was calm. We watched them. They saw them.', null], // no context decides
    ['The sea was calm. Land was near! sea.', null], // no sentence's last word
    ['He saw Mr. Smith and the other Smith.', null], // one sentence
    ['The sea was calm.\n\nAll of us watched the sea.', null], // two paragraphs
    [`The sea was calm. All of us ${'really '.repeat(60)}watched the sea.`, null],
  ])('of "%s" it asks for %s', (text, answer) => {
    const [passage] = passagesOf({ kind: 'text', id: 'a', text });
    expect(passage?.references[0] ?? null).toBe(answer);
  });

  it('no sentence is asked about twice', () => {
    for (const { concept, question } of asked) {
      const same = asked.filter((other) => other.concept === concept && other.question.includes(question.slice(-60)));
      expect(same).toHaveLength(1);
    }
  });

  it('is right where the first word is, in any case', () => {
    const [item] = plain(asked);
    const word = item!.references[0]!;
    const outputs = [word, word.toUpperCase(), `${word} and more`, `the ${word}`, `${word}s`, ''];
    expect(
      cloze.score(
        outputs,
        outputs.map(() => item!),
      ).items,
    ).toEqual([100, 100, 100, 0, 0, 0]);
  });

  it('a guess is one of few words', () => {
    const chance = cloze.chance(plain(asked));
    expect(chance).toBeGreaterThan(2);
    expect(chance).toBeLessThan(10);
  });
});

describe('speech-bits', async () => {
  const { asked } = await speechBits.draw(ALL);

  it('cuts texts between words, and leaves nothing out but what is left at the end', () => {
    const of = asked.filter(({ concept }) => concept === asked[0]!.concept);
    const text = flat(heldOut.get(asked[0]!.concept)!);
    expect(text.startsWith(flat(of.map(({ question }) => question).join(' ')))).toBe(true);
    expect(of.map(({ question }) => question).join(' ').length).toBeGreaterThan(text.length - 400);
    for (const { question } of asked) {
      expect(question).toBe(question.trim());
      expect(question.length).toBeLessThanOrEqual(400);
      expect(question.length).toBeGreaterThan(300);
    }
  });

  it('counts bits by bytes, all windows together', () => {
    const item = (question: string) => ({ ...plain(asked)[0]!, question });
    const items = [item('ab'), item('…abcdef')]; // 2 and 9 bytes
    const { items: each, value } = speechBits.score([`${8 * Math.LN2}`, `${9 * Math.LN2}`], items);
    expect(each[0]).toBeCloseTo(4, 12);
    expect(each[1]).toBeCloseTo(1, 12);
    expect(value).toBeCloseTo(17 / 11, 12);
    expect(speechBits.chance(items)).toBe(8);
    for (const output of ['', 'NaN', 'Infinity']) expect(() => speechBits.score([output], [items[0]!])).toThrow();
  });
});
