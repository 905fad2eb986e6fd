import { describe, expect, it } from 'vitest';
import type { OwnTaskSpec } from '../../../src/config/plan.js';
import { ownTask } from '../../../src/evaluate/tasks/own.js';
import type { TaskItems } from '../../../src/evaluate/tasks/task.js';
import { cutPicture, picture, tar, temporaryFolder, write } from '../../data/sources/own-data.js';
import { plain } from './place.js';

const root = temporaryFolder();
const place = (items: number, demonstrations = 0) => ({
  places: { grid: root, runs: root },
  concepts: 48,
  items,
  demonstrations,
});
const spec = (kind: OwnTaskSpec['kind'], source: object, examples?: object): OwnTaskSpec => ({
  name: 'mine',
  kind,
  source: { source: JSON.stringify(source) },
  ...(examples && { examples: { source: JSON.stringify(examples) } }),
});
const ids = ({ asked }: TaskItems) => asked.map(({ id }) => id);

/** COCO captions: two of each picture, but for what is given. */
function coco(name: string, pictures: number, captions: Readonly<Record<number, string[]>> = {}): { coco: object } {
  const images = Array.from({ length: pictures }, (_, id) => ({ id, file_name: `${id % 4}.png` }));
  const annotations = images.flatMap(({ id }) =>
    (captions[id] ?? [`A ${name} of thing ${id}`, `Thing ${id}`]).map((caption) => ({ image_id: id, caption })),
  );
  write(root, `${name}.json`, JSON.stringify({ images, annotations }));
  return { coco: { annotations: `${name}.json`, images: 'pictures' } };
}
for (let i = 0; i < 4; i++) write(root, `pictures/${i}.png`, await picture('#336699'));

/** VQA v2: questions about pictures, with people's answers. */
function vqa(name: string, asked: readonly { image: number; answers: string[] }[]): { vqa: object } {
  const questions = asked.map(({ image }, i) => ({ question_id: i, image_id: image, question: `What is ${i}?` }));
  const annotations = asked.map(({ answers }, i) => ({
    question_id: i,
    answers: answers.map((answer) => ({ answer })),
  }));
  write(root, `${name}-q.json`, JSON.stringify({ questions }));
  write(root, `${name}-a.json`, JSON.stringify({ annotations }));
  return {
    vqa: { questions: `${name}-q.json`, annotations: `${name}-a.json`, images: 'pictures', image_name: '{id}.png' },
  };
}

describe('captions', () => {
  const task = ownTask(spec('caption', coco('val', 30), coco('train', 40)));

  it('are asked with all of their references, and shown from the other files', async () => {
    expect(task).toMatchObject({ group: 'captioning', prompt: 'caption', metric: 'CIDEr-D', answer: 'written' });
    const { asked, examples, notes } = await task.draw(place(100, 6));
    expect(asked).toHaveLength(30);
    expect(asked[3]).toMatchObject({ id: 'val.json#3', concept: 'val.json#3', question: '' });
    expect(asked[3]!.references).toEqual(['A val of thing 3', 'Thing 3']);
    expect(asked[3]!.image!.id).toBe('val.json#3');
    expect(await asked[3]!.image!.pixels(2)).toEqual(Uint8Array.from({ length: 12 }, (_, i) => [51, 102, 153][i % 3]!));
    expect(examples).toHaveLength(6);
    expect(new Set(examples.map(({ concept }) => concept)).size).toBe(6);
    expect(examples.every(({ id }) => id.startsWith('train.json#'))).toBe(true);
    expect(notes).toEqual([]);
  });

  it('are drawn from the whole of the data, the same each time, and not read for examples that nobody wants', async () => {
    const ten = await task.draw(place(10));
    expect(ten.examples).toEqual([]);
    expect(ids(ten)).toHaveLength(10);
    expect(ids(await task.draw(place(10)))).toEqual(ids(ten));
    const numbers = ids(ten).map((id) => Number(id.split('#')[1]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers.at(-1)).toBeGreaterThan(10);
    const gone = ownTask(spec('caption', coco('val', 30), { coco: { annotations: 'gone.json', images: 'pictures' } }));
    expect(ids(await gone.draw(place(10)))).toEqual(ids(ten));
    await expect(gone.draw(place(10, 2))).rejects.toMatchObject({ code: 'E_DATA' });
  });

  it("are worth most when they are the picture's own, and a guess is another's", async () => {
    const { asked } = await task.draw(place(30));
    const items = plain(asked);
    const right = items.map(({ references }) => references[0]!);
    const { value, items: each } = task.score(right, items);
    expect(each).toHaveLength(30);
    expect(value).toBeGreaterThan(2 * task.chance(items));
    for (const { choices, references } of items) {
      expect(choices).toHaveLength(16);
      expect(choices.filter((choice) => references.includes(choice))).toEqual([]);
    }
    expect(new Set(items.flatMap(({ choices }) => choices)).size).toBe(30);
  });

  it('of WebDataset are asked too, and an only one is a guess at itself', async () => {
    const shard = await tar([
      ['a.png', await picture('red')],
      ['a.txt', 'A red thing'],
    ]);
    write(root, 'a.tar', shard);
    const one = ownTask(spec('caption', { webdataset: { shards: 'a.tar' } }));
    const { asked } = await one.draw(place(5));
    expect(asked).toMatchObject([{ references: ['A red thing'], image: { id: asked[0]!.concept } }]);
    expect(new Set(asked[0]!.choices)).toEqual(new Set(['A red thing']));
  });

  it('that cannot be asked are left out, counted and told', async () => {
    write(root, 'pictures/cut.jpg', await cutPicture());
    const damaged = coco('damaged', 300, { 7: [], 8: [' '] });
    const file = JSON.stringify({
      images: [
        { id: 0, file_name: 'cut.jpg' },
        ...Array.from({ length: 120 }, (_, i) => ({ id: i + 1, file_name: '1.png' })),
      ],
      annotations: Array.from({ length: 121 }, (_, id) => ({ image_id: id, caption: `Thing ${id}` })),
    });
    write(root, 'cut.json', file);
    const both = ownTask(spec('caption', damaged, { coco: { annotations: 'cut.json', images: 'pictures' } }));
    const { asked, examples, notes } = await both.draw(place(1000, 121));
    expect(asked).toHaveLength(298);
    expect(examples).toHaveLength(120);
    expect(notes).toEqual([
      'coco damaged.json: 2 of 300 left out: 2 empty caption',
      'coco cut.json: 1 of 121 left out: 1 broken image',
    ]);
  });

  it('are refused where none is left, or too many are left out', async () => {
    write(root, 'empty.json', JSON.stringify({ images: [], annotations: [] }));
    const none = ownTask(spec('caption', { coco: { annotations: 'empty.json', images: 'pictures' } }));
    await expect(none.draw(place(5))).rejects.toMatchObject({ code: 'E_DATA', where: 'mine' });
    const bad = ownTask(spec('caption', coco('bad', 20, { 3: [] })));
    await expect(bad.draw(place(5))).rejects.toThrow('1 of 20 left out: 1 empty caption');
  });
});

describe('questions', () => {
  const people = [
    { image: 0, answers: ['red', 'red', 'blue'] },
    { image: 0, answers: ['two'] },
    { image: 1, answers: [...new Array<string>(9).fill('yes'), 'no'] },
    { image: 2, answers: ['red'] },
  ];
  const task = ownTask(
    spec(
      'question',
      vqa('val', people),
      vqa('train', [...people, { image: 3, answers: ['a'] }, { image: 3, answers: ['b'] }]),
    ),
  );

  it("are asked with everybody's answers, and shown once a picture", async () => {
    expect(task).toMatchObject({ group: 'vqa', prompt: 'question', metric: 'VQA accuracy', answer: 'written' });
    const { asked, examples } = await task.draw(place(10, 5));
    expect(asked.map(({ question }) => question)).toEqual(['What is 0?', 'What is 1?', 'What is 2?', 'What is 3?']);
    expect(asked.map(({ references }) => references)).toEqual(people.map(({ answers }) => answers));
    expect(asked[0]!.concept).toBe(asked[1]!.concept);
    expect(asked[0]!.concept).not.toBe(asked[2]!.concept);
    // The pictures that are asked about are in the examples' files too, by the same names.
    expect(examples).toHaveLength(1);
    expect(examples[0]!.image!.id).toBe('pictures/3.png');
  });

  it('are scored by people: of fewer than ten each answers in turn', async () => {
    const { asked } = await task.draw(place(10));
    const items = plain(asked);
    // Of ten, red stands seven times and blue three: two of three others agree with each who said blue.
    expect(task.score(['red', 'Two', 'yes', 'red'], items).items).toEqual([100, 0, 100, 100]);
    const { items: each, value } = task.score(['blue', 'two', 'no', 'green'], items);
    expect(each[0]).toBeCloseTo(100 * (0.7 + (0.3 * 2) / 3), 9);
    expect(each[1]).toBe(100);
    expect(each[2]).toBeCloseTo(100 * ((0.9 * 1) / 3), 9);
    expect(value).toBeCloseTo((each[0]! + 100 + each[2]!) / 4, 9);
    expect(new Set(items.flatMap(({ choices }) => choices))).toEqual(new Set(['red', 'two', 'yes']));
  });

  it('of LLaVA come without its texts', async () => {
    const turn = (from: string, value: string) => ({ from, value });
    const talk = [turn('human', '<image>\nColour?'), turn('gpt', 'Blue'), turn('human', 'Size?'), turn('gpt', 'Small')];
    const file = [
      { image: '1.png', conversations: talk },
      { conversations: [turn('human', 'Hello?'), turn('gpt', 'Hello.')] },
    ];
    write(root, 'talk.json', JSON.stringify(file));
    const llava = ownTask(spec('question', { llava: { conversations: 'talk.json', images: 'pictures' } }));
    const { asked } = await llava.draw(place(5));
    expect(asked.map(({ references }) => references)).toEqual([['Blue'], ['Small']]);
    expect(new Set(asked.map(({ concept }) => concept)).size).toBe(1);
  });
});
