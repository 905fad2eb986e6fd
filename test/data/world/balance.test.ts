import { expect, test } from 'vitest';
import type { SceneQuestion } from '../../../src/data/world/scene.js';
import { SKILL_NAMES, SKILLS, sceneOf } from '../../../src/data/world/skills/index.js';
import { SPLITS, type Split } from '../../../src/data/world/split.js';
import { GRADES } from '../../../src/data/world/vocabulary.js';

const ITEMS = 2000;
/** Questions that the best answers are learned from: others than those they are scored on. */
const LEARNED = 20_000;
const LIMIT = 0.02;

/** One question a scene, so that items are independent. */
function items(skill: (typeof SKILL_NAMES)[number], split: Split, seed: number, count: number): SceneQuestion[] {
  return Array.from({ length: count }, (_, i) => {
    const { questions } = sceneOf(skill, GRADES[i % GRADES.length]!, split, seed, i);
    return questions[i % questions.length]!;
  });
}

/** The most frequent answer under each key. */
function bestAnswers(learned: readonly SceneQuestion[], keyOf: (item: SceneQuestion) => string): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const item of learned) {
    const of = counts.get(keyOf(item)) ?? new Map<string, number>();
    of.set(item.answer, (of.get(item.answer) ?? 0) + 1);
    counts.set(keyOf(item), of);
  }
  return new Map([...counts].map(([key, of]) => [key, [...of].sort((a, b) => b[1] - a[1])[0]![0]]));
}

const cases = SKILL_NAMES.flatMap((skill) => SPLITS.map((split) => ({ skill, split })));

test.each(cases)('$skill ($split): who sees no picture scores at chance', ({ skill, split }) => {
  const learned = items(skill, split, 1, LEARNED);
  const asked = items(skill, split, 2, ITEMS);
  const chance = SKILLS[skill].chance(split);
  for (const keyOf of [() => '', (item: SceneQuestion) => item.question]) {
    const best = bestAnswers(learned, keyOf);
    const share = asked.filter((item) => best.get(keyOf(item)) === item.answer).length / ITEMS;
    expect(Math.abs(share - chance), `${share} where chance is ${chance}`).toBeLessThan(LIMIT);
  }
  // The stated chance is the number of answers there are.
  expect(1 / new Set(learned.map(({ answer }) => answer)).size).toBeCloseTo(chance, 6);
});
