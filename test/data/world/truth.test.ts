import { describe, expect, test } from 'vitest';
import { denseCaption, placeOf } from '../../../src/data/world/phrases.js';
import type { Scene, Thing } from '../../../src/data/world/scene.js';
import { BASIC, sceneAt } from '../../../src/data/world/skills/index.js';

const scenes = [
  ...Array.from({ length: 900 }, (_, i) => sceneAt('train', 3, i)),
  ...Array.from({ length: 200 }, (_, i) => sceneAt('train', 3, i, BASIC)),
  ...Array.from({ length: 20 }, (_, i) => sceneAt('train', 3, i, ['scatter'])),
];
/** What a thing is called by its noun alone. */
const nounOf = (thing: Thing) => (thing.kind === 'shape' ? thing.shape : thing.kind);
const of = (skill: string) => scenes.filter((scene) => scene.skill === skill);
const only = (found: readonly Thing[]) => {
  expect(found).toHaveLength(1);
  return found[0]!;
};
const words = (pattern: RegExp, text: string) => {
  const match = pattern.exec(text);
  if (!match) throw new Error(`No match in: ${text}`);
  return match.slice(1);
};
const middle = ({ box }: Thing) => [box.left + box.width / 2, box.top + box.height / 2] as const;

/** What a sentence claims, read from its words alone, held against a thing. */
function isTrue(sentence: string, thing: Thing): boolean {
  const [size, fact, place] = words(/^A (\w+) (.+) is at the ([\w ]+)$/, sentence) as [string, string, string];
  const [x, y] = middle(thing);
  const row = y < 224 ? 'top' : y < 448 ? 'middle' : 'bottom';
  const column = x < 224 ? 'left' : x < 448 ? 'middle' : 'right';
  if (size !== thing.grade || place !== (row === column ? row : `${row} ${column}`)) return false;
  if (thing.kind === 'shape') return fact === `${thing.fill} ${thing.colour} ${thing.shape}`;
  if (thing.kind === 'sign') return fact === `${thing.colour} sign that says ${thing.text}`;
  if (thing.kind === 'dial') return fact === `${thing.colour} dial that shows ${thing.hour}`;
  const bars = [...fact.matchAll(/(\w+) at (\d+)/g)].map(([, colour, value]) => [colour, Number(value)]);
  return (
    fact.startsWith(`${thing.colour} chart`) &&
    JSON.stringify(bars) === JSON.stringify(thing.bars.map((bar) => [bar.colour, bar.ticks * thing.step]))
  );
}

test('a dense caption says something true of every thing, and nothing else', () => {
  for (const scene of scenes) {
    const sentences = denseCaption(scene).split('.').filter(Boolean);
    expect(sentences).toHaveLength(scene.things.length);
    sentences.forEach((sentence, i) => {
      expect(isTrue(sentence.trim(), scene.things[i]!), sentence).toBe(true);
    });
  }
});

test('places are the thirds of the picture', () => {
  const at = (left: number, top: number) => placeOf({ left, top, width: 2, height: 2 });
  expect([at(222, 222), at(224, 222), at(446, 222), at(448, 222)]).toEqual([
    'top left',
    'top middle',
    'top middle',
    'top right',
  ]);
  expect([at(10, 300), at(300, 300), at(300, 600)]).toEqual(['middle left', 'middle', 'bottom middle']);
});

/** The answer of a question, from the scene's things alone. */
const ANSWERS: Readonly<Record<string, (question: string, scene: Scene) => string>> = {
  string(question, { things }) {
    const [colour] = words(/the (\w+) sign/, question);
    const sign = only(things.filter((thing) => thing.colour === colour));
    return sign.kind === 'sign' ? sign.text : '';
  },
  count(question, { things }) {
    const [colour, shape] = words(/How many (\w+) (\w+)s are/, question.replace('crosses', 'crosss'));
    return String(things.filter((t) => t.kind === 'shape' && t.colour === colour && t.shape === shape).length);
  },
  chart(question, { things }) {
    const [colour] = words(/the (\w+) bar/, question);
    const chart = only(things);
    const bar = chart.kind === 'chart' ? chart.bars.filter((b) => b.colour === colour) : [];
    expect(bar).toHaveLength(1);
    return chart.kind === 'chart' ? String(bar[0]!.ticks * chart.step) : '';
  },
  dial(question, { things }) {
    const [colour] = words(/the (\w+) dial/, question);
    const dial = only(things.filter((thing) => thing.colour === colour));
    return dial.kind === 'dial' ? String(dial.hour) : '';
  },
  relation(question, { things }) {
    const [a, b, c, d] = words(/the (\w+) (\w+), seen from the (\w+) (\w+)\?/, question);
    const named = (colour?: string, shape?: string) =>
      middle(only(things.filter((t) => t.kind === 'shape' && t.colour === colour && t.shape === shape)));
    const [x, y] = named(a, b);
    const [fromX, fromY] = named(c, d);
    const [across, down] = [Math.abs(x - fromX), Math.abs(y - fromY)];
    expect(Math.max(across, down) / Math.min(across, down)).toBeGreaterThan(1.5);
    return across > down ? (x < fromX ? 'left' : 'right') : y < fromY ? 'above' : 'below';
  },
  colour(question, { things }) {
    const [shape] = words(/is the (\w+)\?/, question);
    return only(things.filter((t) => t.kind === 'shape' && t.shape === shape)).colour;
  },
  shape(question, { things }) {
    const [colour] = words(/is the (\w+) one/, question);
    const thing = only(things.filter((t) => t.colour === colour));
    return thing.kind === 'shape' ? thing.shape : '';
  },
  binding(question, { things }) {
    const asked = words(/Is there a (\w+) (\w+) (\w+)\?/, question).join(' ');
    return things.some((t) => t.kind === 'shape' && `${t.fill} ${t.colour} ${t.shape}` === asked) ? 'yes' : 'no';
  },
  dense(question, { things }) {
    const [text] = words(/that says (\w+)\?/, question);
    return only(things.filter((t) => t.kind === 'sign' && t.text === text)).colour;
  },
  thing(_, { things }) {
    const shown = only(things);
    return `${shown.colour} ${nounOf(shown)}`;
  },
  crowd(question, { things }) {
    const [noun] = words(/is the (\w+)\?/, question);
    expect(things.length).toBeGreaterThanOrEqual(8);
    return only(things.filter((thing) => nounOf(thing) === noun)).colour;
  },
};

describe('answers follow from the scene', () => {
  test.each(Object.keys(ANSWERS))('%s', (skill) => {
    expect(of(skill)).toHaveLength(100);
    for (const scene of of(skill)) {
      for (const { question, answer } of scene.questions) {
        expect(ANSWERS[skill]!(question, scene), `${scene.id}: ${question}`).toBe(answer);
      }
    }
  });
});
