import { random } from '../../../random.js';
import type { Scene } from '../scene.js';
import type { Split } from '../split.js';
import { GRADES, type Grade } from '../vocabulary.js';
import { crowd, thing } from './basic.js';
import { binding, colour, shape } from './binding.js';
import { chart } from './chart.js';
import { count } from './count.js';
import { dense } from './dense.js';
import { dial } from './dial.js';
import { relation } from './relation.js';
import { scatter } from './scatter.js';
import type { Skill } from './skill.js';
import { string } from './string.js';

/** What scenes are made to ask, by name. */
export const SKILLS = {
  string,
  count,
  chart,
  dial,
  relation,
  colour,
  shape,
  binding,
  dense,
  thing,
  crowd,
} satisfies Record<string, Skill>;
export type SkillName = keyof typeof SKILLS;
export const SKILL_NAMES = Object.keys(SKILLS) as SkillName[];

/** What the scenes are made to ask that the smallest models learn from: a picture's one thing, a crowd's colours. */
export const BASIC: readonly SkillName[] = ['thing', 'crowd'];
/** What the world's other scenes are made to ask, in turn. */
export const MIXED: readonly SkillName[] = SKILL_NAMES.filter((name) => !BASIC.includes(name));

/** What a scene is made for: to ask a skill, or to show as much as there is room for. */
export type ScenePurpose = SkillName | 'scatter';
const COMPOSED: Readonly<Record<ScenePurpose, Pick<Skill, 'compose'>>> = { ...SKILLS, scatter };

/** A scene of a purpose and a grade: a pure function of what it is given. */
export function sceneOf(skill: ScenePurpose, grade: Grade, split: Split, seed: number, index: number): Scene {
  const id = `world/${split}/${skill}/${grade}/${seed}/${index}`;
  return { id, split, skill, grade, ...COMPOSED[skill].compose(grade, split, random(seed, id)) };
}

/** The scene at a place of the endless list that goes through some skills, and each skill's grades, in turn. */
export function sceneAt(split: Split, seed: number, index: number, skills: readonly ScenePurpose[] = MIXED): Scene {
  const round = Math.floor(index / skills.length);
  return sceneOf(skills[index % skills.length]!, GRADES[round % GRADES.length]!, split, seed, index);
}
