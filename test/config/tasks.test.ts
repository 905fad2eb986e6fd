import { expect, it } from 'vitest';
import {
  PLACEHOLDERS,
  showsPictures,
  TASK_GROUPS,
  TASK_NAMES,
  TASKS_OF_GROUP,
  WORLD_SKILLS,
} from '../../src/config/tasks.js';
import { SKILL_NAMES } from '../../src/data/world/skills/index.js';
import { PROMPTS } from '../../src/evaluate/prompts/templates.js';
import { taskOf } from '../../src/evaluate/tasks/index.js';

it('every skill of the world is a task', () => {
  expect([...WORLD_SKILLS].sort()).toEqual([...SKILL_NAMES].sort());
});

it('every prompt is known with what stands in it', () => {
  const standing = Object.entries(PROMPTS).map(([name, prompt]) => [name, prompt.match(/\{\w+\}/g)]);
  expect(Object.fromEntries(standing)).toEqual(PLACEHOLDERS);
});

it("groups are mm1's own tasks, each in one group, but for those on concepts that nothing was trained on", () => {
  const grouped = TASK_GROUPS.flatMap((group) => TASKS_OF_GROUP[group]);
  expect([...grouped].sort()).toEqual(TASK_NAMES.filter((name) => !name.endsWith('-unseen')).sort());
});

it.each(TASK_NAMES)('%s is what its group and its prompt say', (name) => {
  const { group, prompt } = taskOf({ name });
  const grouped = TASK_GROUPS.filter((each) => TASKS_OF_GROUP[each].includes(name));
  expect(grouped).toEqual(name.endsWith('-unseen') ? [] : [group]);
  expect(showsPictures({ name })).toBe(PROMPTS[prompt]!.includes('{image}'));
  expect(showsPictures({ name })).toBe(group !== 'textcore');
});
