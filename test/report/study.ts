import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Axis, Plan } from '../../src/config/plan.js';
import type { Recipe, Scalar } from '../../src/config/recipe.js';
import { defaultRecipe } from '../../src/config/scales.js';
import type { TaskName } from '../../src/config/tasks.js';
import type { Condition, ItemScoreRow, Provenance, ScoreRow } from '../../src/store/rows.js';
import type { Store } from '../../src/store/store.js';

const base = defaultRecipe('nano');
const RECIPE: Recipe = {
  ...base,
  connector: { ...base.connector, type: 'average-pool', tokens: 64 },
  data: {
    ...base.data,
    interleaved: 0,
    interleaved_from: [],
    question: 45,
    question_from: [{ source: 'emoji-questions', weight: 1 }],
    text_from: ['emoji-texts', 'novel'].map((source) => ({ source, weight: 1 })),
  },
};

export const PROVENANCE: Provenance = {
  mm1: '0.1.0',
  node: '20.19.0',
  commit: null,
  dirty: null,
  packages: {},
  engine: { name: 'tensorflow', version: '2.21.0', device: 'a processor' },
  cpu: 'a processor',
  cores: 2,
  memoryBytes: 8e9,
  gpu: null,
  platform: 'linux',
  host: 'here',
  command: 'mm1 ablate study.yaml',
};

/** A plan whose variants are all combinations of the axes' values, first axis slowest. */
export function planOf(
  axes: readonly Axis[],
  seeds: readonly number[],
  tasks: readonly TaskName[],
  shots: readonly number[] = [0],
): Plan {
  let cells: Record<string, Scalar>[] = [{}];
  for (const { path, values } of axes) {
    cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [path]: value })));
  }
  return {
    name: 'study',
    question: 'Does the report say what was measured?',
    scale: 'nano',
    seeds,
    axes,
    design: { kind: 'full' },
    exclusions: [],
    variants: cells.map((settings, index) => ({ index, key: `variant-${index}`, settings, recipe: RECIPE })),
    evaluation: { tasks: tasks.map((name) => ({ name })), shots, demonstration_seeds: 3, items: 3, prompts: {} },
    checkpoints: {},
    gridPath: 'study.yaml',
    slurm: {},
    gridText: 'axes: {}',
    hash: 'study',
  };
}

/** An empty folder of runs, with the path of its database. */
export function newRunsFolder(): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-report-'));
  return { folder, file: join(folder, 'mm1.sqlite') };
}

/** What a task of each group is measured by. */
const KINDS = {
  captioning: { metric: 'CIDEr-D', lowerIsBetter: false, chance: 5 },
  vqa: { metric: 'VQA accuracy', lowerIsBetter: false, chance: 5 },
  textcore: { metric: 'choice accuracy', lowerIsBetter: false, chance: 25 },
  bits: { metric: 'bits per byte', lowerIsBetter: true, chance: 8 },
} as const;

function kindOf(task: TaskName): keyof typeof KINDS {
  if (task === 'speech-bits') return 'bits';
  if (task.includes('caption')) return 'captioning';
  return task.startsWith('emoji') || task.startsWith('world') ? 'vqa' : 'textcore';
}

/** A task's rows as an evaluation hands them over: the value is the mean of the items. */
export function rowsOf(
  task: TaskName,
  condition: Condition,
  values: readonly number[],
  { shots = 0, demonstrationSeed = 0 } = {},
): { score: ScoreRow; items: ItemScoreRow[] } {
  const kind = kindOf(task);
  const { metric, lowerIsBetter, chance } = KINDS[kind];
  const common = { task, shots, demonstrationSeed, metric, condition };
  const value = values.reduce((sum, item) => sum + item, 0) / values.length;
  const lists = ['a', 'b'].map((list) => `<picture> Shown ${list}? yes\n<other> Seed ${demonstrationSeed}? no\n`);
  return {
    score: {
      ...common,
      group: kind === 'bits' ? 'textcore' : kind,
      lowerIsBetter,
      ...{ value, items: values.length, chance },
      demonstrations: shots === 0 ? [] : lists,
    },
    items: values.map((item, index) => ({
      ...common,
      item: `item-${index}`,
      demonstrationList: shots === 0 ? 0 : index % 2,
      prompt: `<picture-${index}> Is it?`,
      output: `yes, ${item}`,
      references: ['yes', 'so it is'],
      value: item,
    })),
  };
}

/** Finishes trials in the order variant by variant, seed by seed; null leaves one pending. */
export function finishTrials(
  store: Store,
  runId: string,
  results: readonly (readonly ReturnType<typeof rowsOf>[] | null)[],
): void {
  store.trials(runId).forEach((trial, index) => {
    const rows = results[index];
    if (!rows) return;
    store.startTrial(trial.id);
    store.finishTrial(
      trial.id,
      60,
      rows.map(({ score }) => score),
      rows.flatMap(({ items }) => items),
    );
  });
}
