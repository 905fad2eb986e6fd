import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Mm1Error } from '../errors.js';
import type { Demonstrations } from './demonstrations.js';
import type { Item } from './tasks/task.js';

/** What a folder of questions holds beside its image set. */
const FILE = 'questions.json';

const item = z.object({
  id: z.string(),
  concept: z.string(),
  image: z.string().nullable(),
  question: z.string(),
  references: z.array(z.string()).readonly(),
  choices: z.array(z.string()).readonly(),
  kind: z.string().optional(),
});
const schema = z.object({
  version: z.literal(1),
  tasks: z.array(
    z.object({
      name: z.string(),
      items: z.array(item).readonly(),
      /** Of each demonstration seed, from 0. */
      demonstrations: z.array(z.tuple([z.array(item).readonly(), z.array(item).readonly()])).readonly(),
    }),
  ),
});

/** A task with what every variant is asked of it. */
export interface AskedTask {
  readonly name: string;
  readonly items: readonly Item[];
  /** Of each demonstration seed, from 0; of the most shots. */
  readonly demonstrations: readonly Demonstrations[];
}

/** Writes what is asked into a folder that exists. */
export function writeQuestions(folder: string, tasks: readonly AskedTask[]): void {
  writeFileSync(join(folder, FILE), JSON.stringify({ version: 1, tasks }));
}

/** @throws Mm1Error E_EVALUATION where the folder holds no whole file */
export function readQuestions(folder: string): AskedTask[] {
  try {
    return schema.parse(JSON.parse(readFileSync(join(folder, FILE), 'utf8'))).tasks;
  } catch (cause) {
    throw new Mm1Error('The questions of an evaluation cannot be read', {
      code: 'E_EVALUATION',
      where: join(folder, FILE),
      remedy: 'Remove the folder: the questions are drawn again at the next run.',
      cause,
    });
  }
}
