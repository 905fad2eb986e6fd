import { afterAll, expect, it } from 'vitest';
import type { StoredDocument } from '../../../src/data/document-set.js';
import { EncodedDocuments } from '../../../src/data/encoded-documents.js';
import { addSequences, type DrawnSequence, Mixture, type MixtureRecipe } from '../../../src/data/mixture.js';
import { pack, type Room } from '../../../src/data/packing.js';
import { loadTokenizer } from '../../../src/data/tokenizer/index.js';
import {
  type DrawnBatches,
  type DrawnBatchSettings,
  drawnBatches,
  TEXT_ALONE,
} from '../../../src/train/batches/drawn-batches.js';
import { documentFolder, documentSet } from '../../data/document-folder.js';

const tokenizer = loadTokenizer();
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const captions = (name: string): StoredDocument[] =>
  numbers(9).map((i) => ({
    kind: 'caption',
    id: `${name} ${i}`,
    image: `${name} ${i}`,
    alt: [`${name} number ${i}`],
    rewritten: [`all of ${name} number ${i}`],
  }));
const texts = (name: string): StoredDocument[] =>
  numbers(9).map((i) => ({ kind: 'text', id: `${name} ${i}`, text: `${name} of ${i} and ${i + 1}` }));
const DOCUMENTS = {
  caption: { a: captions('a'), b: captions('b') },
  text: { short: texts('short'), other: texts('other') },
};
const corpora = { caption: documentFolder(DOCUMENTS.caption), text: documentFolder(DOCUMENTS.text) };
const from = (...sources: string[]) => sources.map((source) => ({ source, weight: 1 }));
const RECIPE: MixtureRecipe = {
  caption: 3,
  interleaved: 0,
  text: 1,
  question: 0,
  vecap: 0.25,
  caption_from: from('a', 'b'),
  interleaved_from: [],
  text_from: from('short', 'other'),
  question_from: [],
};
const ROOM: Room = { text: 40, images: 2, slots: 3 };
const [SEED, BATCH] = [5, 6];

const opened: DrawnBatches[] = [];
function open(changes: Partial<DrawnBatchSettings> = {}): DrawnBatches {
  const batches = drawnBatches({
    corpora,
    recipe: RECIPE,
    room: ROOM,
    seed: SEED,
    batch: BATCH,
    accumulate: 1,
    ...changes,
  });
  opened.push(batches);
  return batches;
}
afterAll(() => Promise.all(opened.map((batches) => batches.close())));

/** The sequences of some steps, as the mixture itself draws them. */
function drawn(steps: number): DrawnSequence[][] {
  const encoded = {
    caption: new EncodedDocuments(documentSet(DOCUMENTS.caption), tokenizer),
    text: new EncodedDocuments(documentSet(DOCUMENTS.text), tokenizer),
  };
  const mixture = new Mixture(encoded, RECIPE, ROOM);
  return numbers(steps).map((step) => mixture.sequences(SEED, step, BATCH));
}

it.each([1, 2, 3])("a step's sequences are the mixture's, in order, in %i equal parts", (accumulate) => {
  const batches = open({ accumulate });
  for (const [step, sequences] of drawn(3).entries()) {
    const size = BATCH / accumulate;
    for (const part of numbers(accumulate)) {
      const own = sequences.slice(part * size, (part + 1) * size);
      expect(batches.next(step, part).packed).toEqual(pack(own, ROOM, tokenizer.pad));
    }
  }
});

it.each([1, 3])('counts every sequence once, with the first of the %i parts of its step', (accumulate) => {
  const batches = open({ accumulate });
  for (const step of numbers(3)) {
    const expected = addSequences({}, drawn(step + 1).flat());
    for (const part of numbers(accumulate)) expect(batches.next(step, part).drawn).toEqual(expected);
  }
});

it('a training that goes on draws and counts as one that never stopped', () => {
  const before = open();
  const kept = numbers(4).map((step) => before.next(step, 0).drawn);
  const after = open();
  after.restore(JSON.parse(JSON.stringify(kept[3])));
  for (const step of [4, 5, 6]) {
    expect(after.next(step, 0)).toEqual({
      packed: pack(drawn(7)[step]!, ROOM, tokenizer.pad),
      drawn: addSequences({}, drawn(step + 1).flat()),
    });
  }
});

it('text alone needs no corpus but its own, and no room for pictures', () => {
  const recipe = { ...TEXT_ALONE, text_from: RECIPE.text_from };
  const batches = open({ corpora: { text: corpora.text }, recipe, room: { text: 40, images: 0, slots: 0 } });
  const { packed, drawn } = batches.next(0, 0);
  expect([packed.images, packed.length]).toEqual([[], 40]);
  expect(Object.keys(drawn).every((name) => name.startsWith('text '))).toBe(true);
});

it('a kind that is asked for and has no document is refused by name', () => {
  const empty = { ...corpora, caption: documentFolder({ a: [], b: [] }) };
  expect(() => open({ corpora: empty })).toThrow(
    expect.objectContaining({ code: 'E_DATA', message: expect.stringContaining('data.caption') }),
  );
});

it('reads its texts with the tokenizer that it is given', () => {
  expect(() => open({ tokenizer: 'no/tokenizer.json' })).toThrow(expect.objectContaining({ code: 'E_TOKENIZER' }));
});
