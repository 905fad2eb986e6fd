/** What tasks are averaged in: MM1's two, and its TextCore. */
export const TASK_GROUPS = ['captioning', 'vqa', 'textcore'] as const;
export type TaskGroup = (typeof TASK_GROUPS)[number];

const EMOJI_TASKS = ['emoji-caption', 'emoji-question', 'emoji-caption-unseen', 'emoji-question-unseen'] as const;
/** What scenes of the world are asked about: src/data/world/skills. */
export const WORLD_SKILLS = [
  'string',
  'count',
  'chart',
  'dial',
  'relation',
  'colour',
  'shape',
  'binding',
  'dense',
  'thing',
  'crowd',
] as const;
export type WorldSkill = (typeof WORLD_SKILLS)[number];
const WORLD_TASKS = ['world-caption', ...WORLD_SKILLS.map((skill) => `world-${skill}` as const)] as const;
const TEXT_TASKS = ['definition', 'is-a', 'antonym', 'cloze', 'speech-bits'] as const;

/** Tasks that mm1 brings along. */
export const TASK_NAMES = [...EMOJI_TASKS, ...WORLD_TASKS, ...TEXT_TASKS] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** What a grid asks where it does not say. */
export const DEFAULT_TASKS: readonly TaskName[] = EMOJI_TASKS;

/** What a group's name stands for in a grid: mm1's own tasks of it, but for those on concepts that nothing was trained on. */
export const TASKS_OF_GROUP: Readonly<Record<TaskGroup, readonly TaskName[]>> = {
  captioning: ['emoji-caption', 'world-caption'],
  vqa: ['emoji-question', ...WORLD_SKILLS.map((skill) => `world-${skill}` as const)],
  textcore: TEXT_TASKS,
};

/** What stands for a picture, and for what is asked, in a prompt. */
export const IMAGE = '{image}';
export const QUESTION = '{question}';

/** Every prompt that a grid can put in another form, with what must stand in it: src/evaluate/prompts/templates.ts. */
export const PLACEHOLDERS = {
  caption: [IMAGE],
  'world-caption': [IMAGE],
  question: [IMAGE, QUESTION],
  definition: [QUESTION],
  'is-a': [QUESTION],
  antonym: [QUESTION],
  cloze: [QUESTION],
  text: [QUESTION],
} as const satisfies Record<string, readonly string[]>;
export type PromptName = keyof typeof PLACEHOLDERS;

/** What somebody's own tasks ask: their prompt's name, and the kind of the data that they are made of. */
export const OWN_TASK_KINDS = ['caption', 'question'] as const satisfies readonly PromptName[];
export type OwnTaskKind = (typeof OWN_TASK_KINDS)[number];

/** Whether a task is about pictures; somebody's own always is. */
export function showsPictures({ name }: { readonly name: string }): boolean {
  return !TEXT_TASKS.some((task) => task === name);
}
