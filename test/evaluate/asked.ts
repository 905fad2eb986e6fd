import type { TaskSpec } from '../../src/config/plan.js';
import { TASK_NAMES, type TaskName } from '../../src/config/tasks.js';
import { drawDemonstrations } from '../../src/evaluate/demonstrations.js';
import type { AskedTask } from '../../src/evaluate/question-folder.js';
import { taskOf } from '../../src/evaluate/tasks/index.js';
import type { DrawnItem, Task, TaskItems } from '../../src/evaluate/tasks/task.js';
import { ALL, plain } from './tasks/place.js';

/** A built-in task with what it asks and shows. */
export interface DrawnTask extends TaskItems {
  readonly name: TaskName;
  readonly task: Task;
}

/** Draws a built-in task: 40 items and 64 examples of 48 concepts, unless told otherwise. */
export async function drawTask(name: TaskName, change: Partial<typeof ALL> = {}): Promise<DrawnTask> {
  const task = taskOf({ name } satisfies TaskSpec);
  return { name, task, ...(await task.draw({ ...ALL, items: 40, ...change })) };
}

/** Draws all built-in tasks. */
export async function drawAll(change: Partial<typeof ALL> = {}): Promise<DrawnTask[]> {
  const drawn: DrawnTask[] = [];
  for (const name of TASK_NAMES) drawn.push(await drawTask(name, change));
  return drawn;
}

/** What the stage `questions` makes of a task: its items, and each seed's demonstrations. */
export function askedTask(
  { name, asked, examples }: { name: string; asked: readonly DrawnItem[]; examples: readonly DrawnItem[] },
  shots: number,
  seeds: number,
): AskedTask {
  const demonstrations = Array.from({ length: seeds }, (_, seed) =>
    drawDemonstrations(name, plain(examples), shots, seed),
  );
  return { name, items: plain(asked), demonstrations };
}
