import { dirname } from 'node:path';
import { checkbox, input, select } from '@inquirer/prompts';
import { parse } from 'yaml';
import { suggest } from '../config/nearest.js';
import { type NewGrid, type OwnData, VARIATIONS } from '../config/new-grid.js';
import { SCALE_NAMES, type ScaleName } from '../config/recipe.js';
import { Mm1Error, usage } from '../errors.js';
import { sourceReader } from '../plan/sources.js';

/** What `mm1 init` knows, as its flags write it. */
export interface GridAnswers {
  readonly question?: string;
  readonly vary?: string;
  readonly data?: string;
  readonly test?: string;
  readonly scale?: string;
  readonly seeds?: string;
}

/** Where questions are asked, and answers come from: a terminal, or a test's streams. */
export type Terminal = Parameters<typeof input>[1];

const VARY = 'connector,tokens';
const SCALE = 'nano';
const SEEDS = '0,1,2';
/** Formats by the ending of their files. */
const FORMATS: Readonly<Record<string, string>> = {
  tar: 'webdataset',
  parquet: 'parquet',
  jsonl: 'jsonl',
  txt: 'text',
};

/** Asks what the flags have not said; what is answered is checked at once. */
export async function askGrid(file: string, given: GridAnswers, terminal?: Terminal): Promise<GridAnswers> {
  const checked = (check: (answer: string) => unknown) => (answer: string) => {
    try {
      check(answer);
      return true;
    } catch (error) {
      if (error instanceof Mm1Error) return `${error.message}. ${error.remedy}`;
      throw error;
    }
  };
  const question = given.question ?? (await input({ message: 'What do you want to know?', required: true }, terminal));
  const vary =
    given.vary ??
    (
      await checkbox(
        {
          message: 'What is to vary?',
          required: true,
          pageSize: VARIATIONS.length,
          choices: VARIATIONS.map(({ name, about }) => ({
            value: name,
            name: about,
            short: name,
            checked: VARY.split(',').includes(name),
          })),
        },
        terminal,
      )
    ).join(',');
  const source = (message: string) =>
    input({ message, validate: checked((answer) => answer && ownData(answer, file)) }, terminal);
  const data = given.data ?? (await source('Your training data (a path; nothing: what mm1 brings along):'));
  const test =
    given.test ??
    (data ? await source("Items of yours to ask about, that nothing is trained on (a path; nothing: mm1's own):") : '');
  const scale =
    given.scale ??
    (await select(
      {
        message: 'How big?',
        default: SCALE,
        choices: [
          { value: 'smoke', name: 'smoke: does it run?' },
          { value: 'nano', name: 'nano: minutes a trial on two cores' },
          { value: 'micro', name: 'micro: a small GPU' },
          { value: 'small', name: 'small: a GPU' },
          { value: 'base', name: 'base: a large GPU' },
        ],
      },
      terminal,
    ));
  return { question, vary, data, test, scale, seeds: given.seeds ?? SEEDS };
}

/**
 * The grid that some answers ask for.
 * @throws Mm1Error E_USAGE where one of them means nothing, E_DATA where data is not there
 */
export function gridOf(file: string, answers: GridAnswers): NewGrid {
  const { vary = VARY, scale = SCALE, seeds = SEEDS, data, test } = answers;
  const names = vary.split(',').map((name) => name.trim());
  const chosen = names.map((name) => {
    const found = VARIATIONS.find((each) => each.name === name);
    if (found) return found;
    const known = VARIATIONS.map((each) => each.name);
    throw usage(
      '--vary',
      `there is no ${JSON.stringify(name)}${suggest(name, known)}`,
      `Choose among ${known.join(', ')}.`,
    );
  });
  if (new Set(names).size < names.length) throw usage('--vary', 'one thing is named twice', 'Name each once.');
  if (!SCALE_NAMES.some((name) => name === scale)) {
    throw usage(
      '--scale',
      `there is no ${JSON.stringify(scale)}${suggest(scale, SCALE_NAMES)}`,
      `Choose among ${SCALE_NAMES.join(', ')}.`,
    );
  }
  const numbers = seeds.split(',').map(Number);
  if (numbers.some((seed) => !Number.isInteger(seed) || seed < 0) || new Set(numbers).size < numbers.length) {
    throw usage(
      '--seeds',
      `${JSON.stringify(seeds)} is no list of seeds`,
      'Write whole numbers, each once, for instance 0,1,2.',
    );
  }
  const question = answers.question?.trim().replaceAll(/\s+/g, ' ');
  return {
    file,
    question: question || `What does it matter: ${chosen.map(({ about }) => about).join(', ')}?`,
    vary: chosen,
    data: data ? ownData(data, file) : null,
    test: test ? ownData(test, file) : null,
    scale: scale as ScaleName,
    seeds: numbers,
  };
}

/** Somebody's data: a source as grids write it, or a path whose ending tells its format. */
function ownData(text: string, file: string): OwnData {
  const source = sourceOf(text.trim());
  const { kind } = sourceReader('runs')(['caption', 'question', 'text'], source, dirname(file));
  return { source, kind };
}

function sourceOf(text: string): Readonly<Record<string, unknown>> {
  if (text.startsWith('{')) {
    try {
      return parse(text) as Readonly<Record<string, unknown>>;
    } catch {
      throw usage(text, 'this is no source', 'Write it as a grid does: {webdataset: "shards/*.tar"}.');
    }
  }
  const format = FORMATS[text.split('.').at(-1)!.toLowerCase()];
  if (format !== undefined) return { [format]: text };
  throw usage(
    text,
    'the ending does not tell the format',
    'Write it as a grid does: {coco: {annotations: captions.json, images: train2017}}, {vqa: ...}, {llava: ...}.',
  );
}
