import { random } from '../../../random.js';
import type { Scene } from '../scene.js';
import type { Split } from '../split.js';
import { GRADES, type Grade } from '../vocabulary.js';
import { binding, colour, shape } from './binding.js';
import { chart } from './chart.js';
import { count } from './count.js';
import { dense } from './dense.js';
import { dial } from './dial.js';
import { relation } from './relation.js';
import type { Skill } from './skill.js';
import { string } from './string.js';

/** What scenes are made to ask, by name. */
export const SKILLS = { string, count, chart, dial, relation, colour, shape, binding, dense } satisfies Record<
  string,
  Skill
>;
export type SkillName = keyof typeof SKILLS;
export const SKILL_NAMES = Object.keys(SKILLS) as SkillName[];

/** A scene of a skill and a grade: a pure function of what it is given. */
export function sceneOf(skill: SkillName, grade: Grade, split: Split, seed: number, index: number): Scene {
  const id = `world/${split}/${skill}/${grade}/${seed}/${index}`;
  return { id, split, skill, grade, ...SKILLS[skill].compose(grade, split, random(seed, id)) };
}

/** The scene at a place of the endless list that goes through all skills, and each skill's grades, in turn. */
export function sceneAt(split: Split, seed: number, index: number): Scene {
  const round = Math.floor(index / SKILL_NAMES.length);
  return sceneOf(SKILL_NAMES[index % SKILL_NAMES.length]!, GRADES[round % GRADES.length]!, split, seed, index);
}
