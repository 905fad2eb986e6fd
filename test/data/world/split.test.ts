import { expect, test } from 'vitest';
import { worldDocument } from '../../../src/data/world/interleaved.js';
import { worldSource } from '../../../src/data/world/source.js';
import {
  fillsOf,
  nonsenseWordsOf,
  SPLITS,
  type Split,
  splitOfCombination,
  splitOfString,
  stringsOf,
} from '../../../src/data/world/split.js';
import { COLOUR_NAMES, FILLS, SHAPES } from '../../../src/data/world/vocabulary.js';

const SCENES = 4000;

/** Everything that is said in a split's documents. */
async function said(split: Split): Promise<string[]> {
  const source = worldSource({ seed: 7, split, kinds: ['caption', 'question', 'interleaved', 'text'], scenes: SCENES });
  const texts: string[] = [];
  for await (const document of source.documents()) {
    if (document.kind === 'caption') texts.push(...document.alt, ...document.rewritten);
    else if (document.kind === 'question') texts.push(document.question, ...document.answers);
    else if (document.kind === 'text') texts.push(document.text);
    else texts.push(...document.pieces.flatMap((piece) => ('text' in piece ? [piece.text] : [])));
  }
  return texts;
}

test.each(SPLITS)('nothing of the other side is said or drawn in %s', async (split) => {
  const other = SPLITS.find((name) => name !== split)!;
  const strings = new Set([...stringsOf(other), ...nonsenseWordsOf(other)]);
  const own = new Set([...stringsOf(split), ...nonsenseWordsOf(split)]);
  let seen = 0;
  const combination = new RegExp(`(${FILLS.join('|')}) (${COLOUR_NAMES.join('|')}) (${SHAPES.join('|')})`, 'g');
  for (const text of await said(split)) {
    for (const word of text.match(/\w+/g) ?? []) {
      if (own.has(word)) seen++;
      expect(strings.has(word), text).toBe(false);
    }
    for (const [, fill, colour, shape] of text.matchAll(combination)) {
      expect(splitOfCombination(colour as never, shape as never, fill as never), text).toBe(split);
    }
  }
  expect(seen).toBeGreaterThan(1000);
  for (let i = 0; i < 300; i++) {
    for (const piece of worldDocument(split, 7, i).pieces) {
      for (const thing of 'scene' in piece ? piece.scene.things : []) {
        if (thing.kind === 'shape') expect(splitOfCombination(thing.colour, thing.shape, thing.fill)).toBe(split);
        if (thing.kind === 'sign') expect(splitOfString(thing.text)).toBe(split);
      }
    }
  }
});

test('one fill of three is held out of each colour and shape, and about an eighth of the strings', () => {
  for (const colour of COLOUR_NAMES) {
    for (const shape of SHAPES) expect(fillsOf(colour, shape, 'held-out')).toHaveLength(1);
  }
  const fills = COLOUR_NAMES.flatMap((colour) => SHAPES.flatMap((shape) => fillsOf(colour, shape, 'held-out')));
  for (const fill of FILLS) expect(fills.filter((name) => name === fill).length).toBeGreaterThan(8);
  for (const of of [stringsOf, nonsenseWordsOf]) {
    const share = of('held-out').length / (of('held-out').length + of('train').length);
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.18);
  }
});
