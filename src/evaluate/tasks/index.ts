import type { TaskSpec } from '../../config/plan.js';
import { type TaskName, WORLD_SKILLS } from '../../config/tasks.js';
import type { Split } from '../../data/emoji/corpus.js';
import { antonym } from './antonym.js';
import { cloze } from './cloze.js';
import { definition } from './definition.js';
import { emojiCaption } from './emoji-caption.js';
import { emojiQuestion } from './emoji-question.js';
import { isA } from './is-a.js';
import { ownTask } from './own.js';
import { speechBits } from './speech-bits.js';
import type { Task } from './task.js';
import { worldCaption, worldSkill } from './world.js';

export type { Item, Scored, Task } from './task.js';

/** Pictures that a task asks about: the held-out vendor's of trained concepts, or any of held-out concepts. */
const SEEN: readonly Split[] = ['seen-concept'];
const UNSEEN: readonly Split[] = ['unseen-concept', 'unseen-both'];

/** Tasks by the name that a grid gives them. */
const TASKS: Readonly<Record<string, Task>> = {
  'emoji-caption': emojiCaption('emoji-caption', SEEN),
  'emoji-question': emojiQuestion('emoji-question', SEEN),
  'emoji-caption-unseen': emojiCaption('emoji-caption-unseen', UNSEEN),
  'emoji-question-unseen': emojiQuestion('emoji-question-unseen', UNSEEN),
  'world-caption': worldCaption,
  ...Object.fromEntries(WORLD_SKILLS.map((skill) => [`world-${skill}`, worldSkill(skill)])),
  definition,
  'is-a': isA,
  antonym,
  cloze,
  'speech-bits': speechBits,
} satisfies Partial<Record<TaskName, Task>>;

/** The task that an evaluation names. */
export function taskOf(spec: TaskSpec): Task {
  const task = spec.source === undefined ? TASKS[spec.name] : ownTask(spec);
  if (!task) throw new Error(`no task is named ${spec.name}`);
  return task;
}
