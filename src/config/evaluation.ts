import { dirname } from 'node:path';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';
import { isMap, show, valueAt } from './describe.js';
import type { Path } from './document.js';
import type { GridText } from './grid-text.js';
import { suggest } from './nearest.js';
import type { EvaluationSpec, OwnTaskSpec, TaskSpec } from './plan.js';
import type { Problems } from './problems.js';
import { promptFaults } from './prompts.js';
import type { DataKind } from './recipe.js';
import { complaintOf, type FoundSource, type SourceReader } from './sources.js';
import { type OwnTask, writtenTasks } from './task-list.js';
import { OWN_TASK_KINDS, PLACEHOLDERS } from './tasks.js';

const count = z.int().positive();
const shots = z.int().nonnegative();

/** What a grid says of its evaluation, each setting by itself. */
export const evaluationSchema = z
  .strictObject({
    tasks: z.array(writtenTasks).min(1),
    shots: z.array(shots).min(1),
    demonstration_seeds: count,
    items: count,
    prompts: z.record(z.string(), z.string()),
  })
  .partial();

/** What reading an evaluation takes. */
interface Context {
  readonly gridFile: string;
  readonly document: GridText;
  readonly read: SourceReader;
  readonly problems: Problems;
}

/**
 * What a grid asks, as far as it is valid: the files of somebody's own tasks are looked for, and what is wrong between the
 * settings is added to `problems` at its place. What the schema finds in each of them is not told again.
 * @param defaults what is asked where the grid does not say
 */
export function findEvaluation(context: Context, defaults: EvaluationSpec): EvaluationSpec {
  const given = valueAt(context.document.value, ['evaluation']);
  const valid = <Value>(key: string, schema: z.ZodType<Value>) => schema.safeParse(valueAt(given, [key])).data;
  const numbers = listAt(given, 'shots')?.flatMap((each) => shots.safeParse(each).data ?? []) ?? [];
  const asked = numbers.length > 0 ? [...new Set(numbers)].sort((a, b) => a - b) : defaults.shots;
  const entries = listAt(given, 'tasks');
  const tasks = entries ? findTasks(entries, asked, context) : defaults.tasks;
  return {
    tasks,
    shots: asked,
    demonstration_seeds: valid('demonstration_seeds', count) ?? defaults.demonstration_seeds,
    items: valid('items', count) ?? defaults.items,
    prompts: findPrompts(valueAt(given, ['prompts']), tasks, entries ?? [], context),
  };
}

/** A setting's list; none of what is something else, and undefined where nothing is said. */
function listAt(given: unknown, key: string): readonly unknown[] | undefined {
  const value = valueAt(given, [key]);
  return value === undefined || Array.isArray(value) ? value : [];
}

/** @param asked numbers of shots of tasks that have none of their own */
function findTasks(entries: readonly unknown[], asked: readonly number[], context: Context): TaskSpec[] {
  const { document, problems } = context;
  const firstIn = new Map<string, unknown>();
  return entries.flatMap((entry, index): TaskSpec[] => {
    const at = ['evaluation', 'tasks', index];
    const { data } = writtenTasks.safeParse(entry);
    if (data === undefined) return [];
    const names = 'own' in data ? [data.own.name] : data.names;
    const others = names.filter((name) => {
      if (!firstIn.has(name)) return true;
      const group = [firstIn.get(name), entry].find((each) => typeof each === 'string' && each !== name);
      const why = group === undefined ? '' : `: it is one of ${group}`;
      problems.add(document.placeOf(at), `evaluation.tasks has ${show(name)} twice${why}`);
      return false;
    });
    for (const name of others) firstIn.set(name, entry);
    const shots = data.shots && { shots: data.shots };
    if (!('own' in data)) return others.map((name) => ({ name, ...shots }));
    const found = findOwn(data.own, at, Math.max(...(data.shots ?? asked)), context);
    return found && others.length > 0 ? [{ ...found, ...shots }] : [];
  });
}

/**
 * Looks for the files of somebody's own task; undefined where something is wrong with them.
 * @param most largest number of shots
 */
function findOwn(
  { name, items, examples }: OwnTask,
  at: Path,
  most: number,
  context: Context,
): OwnTaskSpec | undefined {
  const { document, problems } = context;
  const found = look(OWN_TASK_KINDS, items, at, context);
  if (most > 0 && examples === undefined) {
    const message = `the task ${name} has no examples, and ${most} shots need some: name files of the same kind, but of the training side`;
    problems.add(document.placeOf(at), `evaluation.tasks: ${message}`);
  }
  if (examples === undefined) return found && { name, ...found };
  const beside = [...at, 'examples'];
  const shown = look(found ? [found.kind] : OWN_TASK_KINDS, examples, beside, context);
  if (!found || !shown) return undefined;
  if (shown.source.source === found.source.source) {
    const message = `the examples of ${name} are the items that it asks: name others, for instance those of the training side`;
    problems.add(document.placeOf(beside), `evaluation.tasks: ${message}`);
  }
  // Without shots nobody sees the examples, and the same is asked without them.
  return { name, ...found, ...(most > 0 && { examples: shown.source }) };
}

function look<Kind extends DataKind>(
  kinds: readonly Kind[],
  files: Readonly<Record<string, unknown>>,
  at: Path,
  { gridFile, document, read, problems }: Context,
): FoundSource<Kind> | undefined {
  try {
    return read(kinds, files, dirname(gridFile));
  } catch (error) {
    if (!(error instanceof Mm1Error)) throw error;
    problems.add(document.placeOf(at), `evaluation.tasks: ${complaintOf(error)}`);
    return undefined;
  }
}

/**
 * The prompts that a grid puts in another form.
 * @param entries the grid's tasks as they are written: a faulty one's name is known all the same
 */
function findPrompts(
  given: unknown,
  tasks: readonly TaskSpec[],
  entries: readonly unknown[],
  { document, problems }: Context,
): Record<string, string> {
  if (!isMap(given)) return {};
  const own = entries.map((entry) => valueAt(entry, ['name']));
  const known = [...Object.keys(PLACEHOLDERS), ...own.filter((name) => typeof name === 'string')];
  const prompts = new Map<string, string>();
  for (const [name, prompt] of Object.entries(given)) {
    const at = ['evaluation', 'prompts', name];
    if (!known.includes(name)) {
      problems.add(
        document.placeOfKey(at),
        `evaluation.prompts: unknown prompt ${show(name)}: ${suggest(name, known)}`,
      );
    } else if (typeof prompt === 'string') {
      for (const fault of promptFaults(prompt, placeholdersOf(name, tasks))) {
        problems.add(document.placeOf(at), `evaluation.prompts.${name} ${fault}`);
      }
      prompts.set(name, prompt);
    }
  }
  return Object.fromEntries(prompts);
}

/** What must stand in a prompt; null for an own task's of which it is not known what it asks. */
function placeholdersOf(name: string, tasks: readonly TaskSpec[]): readonly string[] | null {
  const task = tasks.find((each): each is OwnTaskSpec => each.name === name && each.source !== undefined);
  const known: Readonly<Record<string, readonly string[]>> = PLACEHOLDERS;
  const prompt = task ? task.kind : name;
  return Object.hasOwn(known, prompt) ? known[prompt]! : null;
}
