import { expect, test } from 'vitest';
import type { SourceDocument } from '../../../src/data/sources/source.js';
import { ALT_NOISE } from '../../../src/data/world/alt-text.js';
import { worldDocument } from '../../../src/data/world/interleaved.js';
import { worldPixels } from '../../../src/data/world/pixels.js';
import { sceneAt } from '../../../src/data/world/skills/index.js';
import { type WorldOptions, worldSource } from '../../../src/data/world/source.js';

async function all(options: WorldOptions): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = [];
  for await (const document of worldSource(options).documents()) documents.push(document);
  return documents;
}
const kinds = ['caption', 'question', 'interleaved', 'text'] as const;

test('the same documents come in the same order, each with an id of its own', async () => {
  const options = { seed: 1, split: 'train', kinds, scenes: 120 } as const;
  const [once, again] = [await all(options), await all(options)];
  expect(JSON.stringify(once)).toBe(JSON.stringify(again));
  expect(new Set(once.map(({ kind, id }) => `${kind} ${id}`)).size).toBe(once.length);
  expect(JSON.stringify(await all({ ...options, seed: 2 }))).not.toBe(JSON.stringify(once));
  const source = worldSource(options);
  for await (const _ of source.documents());
  expect(source.tally()).toEqual({ seen: once.length, skipped: {} });
});

test('an endless source can be left at any place', async () => {
  let count = 0;
  for await (const _ of worldSource({ seed: 0, split: 'train', kinds }).documents()) if (++count === 500) break;
  expect(count).toBe(500);
});

test('pictures have the asked side, with the detail that the source is set to', async () => {
  const [document] = await all({ seed: 0, split: 'train', kinds: ['caption'], scenes: 1, detail: 224 });
  if (document?.kind !== 'caption') throw new Error('not a caption');
  const expected = worldPixels(sceneAt('train', 0, 0), 336, 224);
  expect(Buffer.compare(await document.image.pixels(336), expected)).toBe(0);
});

test('a caption comes with the parts that it names, each within the picture and with its own words', async () => {
  for (const document of await all({ seed: 2, split: 'train', kinds: ['caption'], scenes: 60 })) {
    if (document.kind !== 'caption') throw new Error('not a caption');
    const { parts = [] } = document;
    const named = [...document.rewritten[0]!.matchAll(/An? (.*?) is at the /g)].map(([, phrase]) => phrase);
    expect(parts.map(({ phrase }) => phrase)).toEqual(named);
    for (const { box } of parts) {
      const [top, left, height, width] = box;
      for (const length of box) expect(length).toBeGreaterThanOrEqual(0);
      expect(Math.max(top + height, left + width)).toBeLessThanOrEqual(1);
      expect(Math.min(height, width)).toBeGreaterThan(0.005);
    }
  }
});

test('alternative texts are of another picture as often as is stated', async () => {
  const documents = await all({ seed: 4, split: 'train', kinds: ['caption'], scenes: 6000 });
  let wrong = 0;
  let told = 0;
  documents.forEach((document, i) => {
    if (document.kind !== 'caption') return;
    const { things } = sceneAt('train', 4, i);
    const nouns = new Set(things.map((thing) => (thing.kind === 'shape' ? thing.shape : thing.kind)));
    const named = document.alt[0]!.match(/circle|square|triangle|star|cross|heart|sign|dial|chart/g)!;
    told++;
    if (!named.every((noun) => nouns.has(noun as never))) wrong++;
  });
  // Another scene's things are often of a kind that is here as well: a wrong text shows in about two of three.
  expect(wrong / told).toBeGreaterThan(0.4 * ALT_NOISE);
  expect(wrong / told).toBeLessThan(ALT_NOISE);
});

test('the end of an interleaved document follows from what stands before, and from nothing else', () => {
  const answers = new Map<string, number>();
  for (let i = 0; i < 3000; i++) {
    const { pieces } = worldDocument('train', 9, i);
    const texts = pieces.flatMap((piece) => ('text' in piece ? [piece.text] : []));
    const scenes = pieces.flatMap((piece) => ('scene' in piece ? [piece.scene] : []));
    const answer = texts.at(-1)!.trim();
    const asked = texts.at(-2)!;
    const thingOf = (number: number) => scenes[number]!.things[0]!;
    if (asked.includes('Which picture')) {
      const found = scenes.findIndex(
        ({ things: [t] }) => t!.kind === 'shape' && asked.includes(`a ${t!.fill} ${t!.colour} ${t!.shape}?`),
      );
      expect(answer).toBe(`the ${['first', 'second', 'third'][found]}`);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    } else if (asked.includes('say?')) {
      const sign = thingOf(['first', 'second', 'third'].findIndex((word) => asked.includes(word)));
      expect(sign.kind === 'sign' && sign.text).toBe(answer);
    } else {
      const last = thingOf(scenes.length - 1);
      const labels = texts.slice(0, -2).map((text) => /This is a (\w+)\./.exec(text)![1]!);
      expect(labels).toHaveLength(scenes.length - 1);
      const keys = [(t: typeof last) => t.colour, (t: typeof last) => (t.kind === 'shape' ? t.shape : '')];
      // One of the two attributes gives every picture of a word, and only those.
      const ruled = keys.some((key) => {
        const meaning = new Map(labels.map((word, n) => [key(thingOf(n)), word]));
        return labels.every((word, n) => meaning.get(key(thingOf(n))) === word) && meaning.get(key(last)) === answer;
      });
      expect(ruled).toBe(true);
      answers.set(`rule ${labels.indexOf(answer)}`, (answers.get(`rule ${labels.indexOf(answer)}`) ?? 0) + 1);
    }
  }
  for (const ordinal of ['first', 'second', 'third'])
    expect(answers.get(`the ${ordinal}`)! / 1000).toBeCloseTo(1 / 3, 1);
});
