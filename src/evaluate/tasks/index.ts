import type { EvaluationSpec, TaskName } from '../../config/recipe.js';
import type { Corpus, Split } from '../../data/emoji/corpus.js';
import { caption } from './caption.js';
import { question } from './question.js';
import { type Item, sample, type Task } from './task.js';

export type { Item, Scored, Task } from './task.js';

/** Pictures that a task asks about: the held-out vendor's of trained concepts, or any of held-out concepts. */
const SEEN: readonly Split[] = ['seen-concept'];
const UNSEEN: readonly Split[] = ['unseen-concept', 'unseen-both'];

/** Tasks by the name that a grid gives them. */
const TASKS: Readonly<Record<TaskName, { readonly task: Task; readonly splits: readonly Split[] }>> = {
  'emoji-caption': { task: caption, splits: SEEN },
  'emoji-question': { task: question, splits: SEEN },
  'emoji-caption-unseen': { task: caption, splits: UNSEEN },
  'emoji-question-unseen': { task: question, splits: UNSEEN },
};

/** A task and what it asks. */
export interface AskedTask {
  readonly name: TaskName;
  readonly task: Task;
  readonly items: readonly Item[];
}

/** What an evaluation asks of every variant. */
export function evaluationItems(corpus: Corpus, evaluation: EvaluationSpec): AskedTask[] {
  return evaluation.tasks.map((name) => {
    const { task, splits } = TASKS[name];
    return { name, task, items: sample(task.items(corpus, splits), evaluation.items, name) };
  });
}
