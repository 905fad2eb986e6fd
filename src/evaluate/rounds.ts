import { type EvaluationSpec, shotsOf, type TaskSpec } from '../config/plan.js';
import type { Condition } from '../store/rows.js';
import type { Query } from './ask.js';
import { underCondition } from './controls.js';
import { demonstrationsFor } from './demonstrations.js';
import { demonstrationsOf, promptOf, writtenPrompt } from './prompts/compose.js';
import { PROMPTS } from './prompts/templates.js';
import type { AskedTask } from './question-folder.js';
import type { Item, Task } from './tasks/task.js';

/** What decides a round. */
interface RoundSettings {
  readonly shots: number;
  /** Demonstration seed; 0 where there are no shots. */
  readonly seed: number;
  readonly condition: Condition;
}

/** A task asked once through: at one number of shots, with one seed's demonstrations, under one condition. */
export interface Round extends RoundSettings {
  /** One an item, in the items' order. */
  readonly queries: readonly Query[];
  /** Which of the two lists of demonstrations each query takes. */
  readonly lists: readonly number[];
  /** The two lists as text; none where there are no shots. */
  readonly demonstrations: readonly string[];
}

/**
 * Every round of a task. Controls are asked with the first seed's demonstrations alone. A task that is measured on a text
 * itself has one round: there is no query that a demonstration could stand before, and without the text nothing is left.
 */
export function roundsOf(spec: TaskSpec, task: Task, asked: AskedTask, evaluation: EvaluationSpec): Round[] {
  const { name } = spec;
  const measured = task.answer === 'measured';
  return (measured ? [0] : shotsOf(spec, evaluation)).flatMap((shots) => {
    const seeds = Array.from({ length: shots === 0 ? 1 : evaluation.demonstration_seeds }, (_, seed) => seed);
    const controls: Condition[] = measured ? [] : ['blind', 'shuffled'];
    return [
      ...seeds.map((seed) => ({ shots, seed, condition: 'asked' as const })),
      ...controls.map((condition) => ({ shots, seed: 0, condition })),
    ].map((settings) => roundOf(name, task, asked, settings, evaluation));
  });
}

function roundOf(
  name: string,
  task: Task,
  asked: AskedTask,
  settings: RoundSettings,
  evaluation: EvaluationSpec,
): Round {
  const template = templateOf(name, task, evaluation);
  const { items, example } = underCondition(settings.condition, asked.items, name);
  const lists = asked.items.map((item) => listOf(item, asked, settings));
  const before = [0, 1].map((list) => demonstrationsOf(template, shownIn(list, asked, settings).map(example)));
  const queries = items.map((item, i) => ({
    before: before[lists[i]!]!,
    prompt: promptOf(template, item),
    choices: task.answer === 'chosen' ? item.choices : [],
  }));
  return { ...settings, queries, lists, demonstrations: settings.shots === 0 ? [] : before.map(writtenPrompt) };
}

/** A task's prompt: its own, where the grid gives one by the task's name, or its kind's. */
function templateOf(name: string, task: Task, { prompts }: EvaluationSpec): string {
  const template = prompts[name] ?? prompts[task.prompt] ?? PROMPTS[task.prompt];
  if (template === undefined) throw new Error(`no prompt is named ${task.prompt}`);
  return template;
}

function shownIn(list: number, { demonstrations }: AskedTask, { shots, seed }: RoundSettings): readonly Item[] {
  return shots === 0 ? [] : demonstrations[seed]![list]!.slice(0, shots);
}

function listOf(item: Item, { demonstrations }: AskedTask, { shots, seed }: RoundSettings): number {
  if (shots === 0) return 0;
  const lists = demonstrations[seed]!;
  return demonstrationsFor(item, lists, shots)[0] === lists[0][0] ? 0 : 1;
}
