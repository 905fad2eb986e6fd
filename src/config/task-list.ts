import { z } from 'zod';
import { isMap } from './describe.js';
import { isSayable } from './source-list.js';
import { PLACEHOLDERS, TASK_GROUPS, TASK_NAMES, TASKS_OF_GROUP, type TaskName } from './tasks.js';

/** A format with its options: `{coco: {annotations: "val.json", images: "val"}}`. */
type Files = Readonly<Record<string, unknown>>;

/** What one entry of a grid's tasks says. */
export type WrittenTasks =
  | { readonly names: readonly TaskName[]; readonly shots?: readonly number[] }
  | { readonly own: OwnTask; readonly shots?: readonly number[] };

/** Somebody's own data under a name. */
export interface OwnTask {
  readonly name: string;
  readonly items: Files;
  readonly examples?: Files;
}

const OWN_NAME = /^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/;
const LONGEST_NAME = 60;
/** What a task's name would be mistaken for. */
const TAKEN: readonly string[] = [...TASK_NAMES, ...TASK_GROUPS, ...Object.keys(PLACEHOLDERS)];
/** Names of tasks and of groups, as an entry may have them. */
const KNOWN: readonly string[] = [...TASK_NAMES, ...TASK_GROUPS];

const FORM =
  'must be a task, a group of tasks, either with shots of its own, for instance {task: cloze, shots: [0]}, or one format with its files and a name, for instance {coco: {annotations: "val.json", images: val}, name: my-captions}';
const SHOTS_FORM = 'must be a list of whole numbers of at least 0, none of them twice, for instance [0]';
const FILES_FORM = 'must be one format with its files, for instance {coco: {annotations: "train.json", images: train}}';
const NAME_FORM = `must be a name of at most ${LONGEST_NAME} lower-case letters, digits, dots and hyphens`;

/**
 * One entry of a grid's tasks: a task that mm1 brings along, a group of them, or somebody's own data under a name. Whether
 * there are such files is for the reader of the sources to say.
 */
export const writtenTasks = z.unknown().transform((value, context): WrittenTasks => {
  if (typeof value === 'string' && KNOWN.includes(value)) return { names: namesOf(value) };
  if (typeof value === 'string') {
    context.addIssue({ code: 'invalid_value', values: [...KNOWN], input: value });
    return z.NEVER;
  }
  const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
  if (!isMap(value)) {
    refuse(FORM);
    return z.NEVER;
  }
  const shots = shotsIn(value, refuse);
  if (typeof value.task === 'string') {
    const { task, shots: _, ...more } = value;
    if (!KNOWN.includes(task))
      context.addIssue({ code: 'invalid_value', values: [...KNOWN], input: task, path: ['task'] });
    else if (Object.keys(more).length > 0) refuse('has a task of mm1, with which shots may stand, and nothing else');
    return KNOWN.includes(task) ? { names: namesOf(task), ...shots } : z.NEVER;
  }
  const { name, examples, shots: _, ...items } = value;
  if (!isSayable(value)) refuse('must hold neither control characters nor infinite numbers');
  else if (Object.keys(items).length !== 1) refuse(FORM);
  if (typeof name !== 'string' || !OWN_NAME.test(name) || name.length > LONGEST_NAME) refuse(NAME_FORM, 'name');
  else if (TAKEN.includes(name) || name in {}) refuse("must be another name: this one is mm1's own", 'name');
  if (examples === undefined) return { own: { name: String(name), items }, ...shots };
  if (!isMap(examples) || Object.keys(examples).length !== 1) {
    refuse(FILES_FORM, 'examples');
    return z.NEVER;
  }
  return { own: { name: String(name), items, examples }, ...shots };
});

/** Shots that stand with a task, ascending. */
function shotsIn(
  { shots }: Readonly<Record<string, unknown>>,
  refuse: (message: string, ...path: string[]) => void,
): { readonly shots?: readonly number[] } {
  if (shots === undefined) return {};
  const { data } = z.array(z.int().nonnegative()).min(1).safeParse(shots);
  if (data === undefined || new Set(data).size < data.length) {
    refuse(SHOTS_FORM, 'shots');
    return {};
  }
  return { shots: data.toSorted((a, b) => a - b) };
}

/** mm1's own tasks that a name stands for. */
function namesOf(name: string): readonly TaskName[] {
  const group = TASK_GROUPS.find((each) => each === name);
  return group === undefined ? [name as TaskName] : TASKS_OF_GROUP[group];
}
