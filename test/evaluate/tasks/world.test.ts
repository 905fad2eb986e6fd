import { describe, expect, it } from 'vitest';
import { WORLD_SKILLS } from '../../../src/config/tasks.js';
import { denseCaption } from '../../../src/data/world/phrases.js';
import type { Scene } from '../../../src/data/world/scene.js';
import { MIXED, type SkillName, sceneAt, sceneOf } from '../../../src/data/world/skills/index.js';
import { splitOfCombination, splitOfString } from '../../../src/data/world/split.js';
import { GRADES, type Grade } from '../../../src/data/world/vocabulary.js';
import type { DrawnItem } from '../../../src/evaluate/tasks/task.js';
import { drawTask } from '../asked.js';
import { plain } from './place.js';

/** Most that eight shots of a run ever want. */
const EXAMPLES = 128;

/** The scene that an id names. */
function sceneNamed(id: string): Scene {
  const [, split, skill, grade, seed, index] = id.split('/') as [
    string,
    Scene['split'],
    SkillName,
    Grade,
    string,
    string,
  ];
  return sceneOf(skill, grade, split, Number(seed), Number(index));
}
const sceneIdOf = ({ id }: Pick<DrawnItem, 'id'>) => id.split('/').slice(0, 6).join('/');

/** Sides of all that is drawn in a scene and decides its side. */
function sidesIn({ things }: Scene): string[] {
  return things.flatMap((thing) => {
    if (thing.kind === 'shape') return [splitOfCombination(thing.colour, thing.shape, thing.fill)];
    return thing.kind === 'sign' ? [splitOfString(thing.text)] : [];
  });
}

describe.each(WORLD_SKILLS)('world-%s', (skill) => {
  const drawn = drawTask(`world-${skill}`, { items: 600, demonstrations: EXAMPLES });

  it('asks about held-out scenes of its skill, every grade of detail as often', async () => {
    const { asked, task } = await drawn;
    expect(task).toMatchObject({ group: 'vqa', prompt: 'question', metric: 'VQA accuracy', answer: 'written' });
    expect(asked).toHaveLength(600);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(600);
    const scenes = [...new Set(asked.map(sceneIdOf))].map(sceneNamed);
    expect(scenes.filter((scene) => scene.skill !== skill || scene.split !== 'held-out')).toEqual([]);
    const often = GRADES.map((grade) => scenes.filter((scene) => scene.grade === grade).length);
    expect(Math.max(...often) - Math.min(...often)).toBeLessThanOrEqual(1);
    expect(Math.min(...often)).toBeGreaterThan(5);
    for (const { id, concept, image, question, references } of asked) {
      const scene = sceneNamed(id);
      expect([concept, image!.id]).toEqual([scene.id, scene.id]);
      expect(scene.questions[Number(id.split('/')[6])]).toMatchObject({ question, answer: references[0] });
    }
  });

  it('asks about nothing but combinations of attributes and strings that no training scene has', async () => {
    const { asked, examples } = await drawn;
    const sides = (items: readonly DrawnItem[]) => new Set(items.map(sceneIdOf).map(sceneNamed).flatMap(sidesIn));
    // A dial's and a chart's answers are the same on both sides: it is the scene that is new.
    const decided = skill !== 'dial' && skill !== 'chart';
    expect(sides(asked)).toEqual(new Set(decided ? ['held-out'] : []));
    expect(sides(examples)).toEqual(new Set(decided ? ['train'] : []));
  });

  it('shows as many training scenes as are wanted, each once', async () => {
    const { examples } = await drawn;
    expect(examples).toHaveLength(EXAMPLES);
    expect(new Set(examples.map(({ concept }) => concept)).size).toBe(EXAMPLES);
    expect(examples.every(({ id }) => id.startsWith(`world/train/${skill}/`))).toBe(true);
    expect((await drawTask(`world-${skill}`, { items: 1, demonstrations: 0 })).examples).toEqual([]);
  });

  it('is answered by one answer to everything as often as by chance', async () => {
    const { asked, task } = await drawn;
    const items = plain(asked);
    const answers = [...new Set(items.map(({ references }) => references[0]!))];
    const values = answers.map((answer) => task.score(new Array(items.length).fill(answer), items).value);
    const chance = task.chance(items);
    // All answers together are a guess; four standard errors of one's share more, for the best of them.
    const share = chance / 100;
    expect(Math.max(...values)).toBeGreaterThanOrEqual(chance);
    expect(Math.max(...values)).toBeLessThan(chance + 400 * Math.sqrt((share * (1 - share)) / items.length));
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 9);
  });

  it('asks the same each time, and fewer of the same', async () => {
    const { asked } = await drawn;
    const ids = (await drawTask(`world-${skill}`, { items: 37 })).asked.map(({ id }) => id);
    expect(ids).toEqual(asked.slice(0, 37).map(({ id }) => id));
  });
});

describe('world-caption', () => {
  const drawn = drawTask('world-caption', { items: 90, demonstrations: EXAMPLES });

  it('asks for the dense caption of held-out scenes of every skill, and shows training ones', async () => {
    const { asked, examples, task } = await drawn;
    expect(task).toMatchObject({ group: 'captioning', prompt: 'world-caption', metric: 'CIDEr-D', stops: ['\n'] });
    expect([asked.length, examples.length]).toEqual([90, EXAMPLES]);
    const all = [...asked, ...examples];
    expect(new Set(all.map(({ concept }) => concept)).size).toBe(90 + EXAMPLES);
    for (const { id, image, references } of all) {
      expect(image!.id).toBe(id);
      expect(references).toEqual([denseCaption(sceneNamed(id))]);
    }
    expect(new Set(asked.map(({ id }) => sceneNamed(id).split))).toEqual(new Set(['held-out']));
    expect(new Set(examples.map(({ id }) => sceneNamed(id).split))).toEqual(new Set(['train']));
    expect(new Set(asked.map(({ id }) => sceneNamed(id).skill))).toEqual(new Set(MIXED));
    expect(new Set(asked.flatMap(({ id }) => sidesIn(sceneNamed(id))))).toEqual(new Set(['held-out']));
  });

  it("is worth most when it is the scene's own; a guess is another's", async () => {
    const { asked, task } = await drawn;
    const items = plain(asked);
    const right = items.map(({ references }) => references[0]!);
    const { value } = task.score(right, items);
    expect(value).toBeGreaterThan(500);
    expect(task.chance(items)).toBeLessThan(value / 4);
    expect(new Set(items[0]!.choices)).toEqual(new Set(right));
  });

  it('has no scene that a document of the corpora has, nor that a wrong text of one is about', async () => {
    const { asked, examples } = await drawn;
    const trained = Array.from({ length: 2000 }, (_, i) => [i, i + (1 << 24)].map((at) => sceneAt('train', 0, at).id));
    const ids = new Set(trained.flat());
    expect([...asked, ...examples].filter(({ id }) => ids.has(id))).toEqual([]);
  });
});
