import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationSpec } from '../../../src/config/plan.js';
import type { Recipe } from '../../../src/config/recipe.js';
import { openEngine } from '../../../src/engine/index.js';
import { writtenPrompt } from '../../../src/evaluate/prompts/compose.js';
import { readQuestions } from '../../../src/evaluate/question-folder.js';
import { roundsOf } from '../../../src/evaluate/rounds.js';
import { taskOf } from '../../../src/evaluate/tasks/index.js';
import { SCORES_FILE, type TrialScores } from '../../../src/run/stages/evaluate.js';
import { STAGE_RUNNERS } from '../../../src/run/stages/index.js';
import type { Progress, Summary } from '../../../src/run/stages/stage-kind.js';
import {
  CONCEPTS,
  recipe as common,
  encoder,
  finish,
  folders,
  language,
  makeCorpus,
  SEED,
  surroundings,
} from '../first-update.js';

const ITEMS = 12;
const evaluation: EvaluationSpec = {
  tasks: ['emoji-caption', 'world-colour', 'definition', 'speech-bits'].map((name) => ({ name })),
  shots: [0, 2],
  demonstration_seeds: 2,
  items: ITEMS,
  prompts: { question: '{image} {question} It is' },
};
const recipe: Recipe = {
  ...common,
  data: { ...common.data, interleaved: 0, question: 0, text_tokens: 400 },
  training: { ...common.training, steps: 2, batch: 2, warmup: 1 },
};
/** What is asked of every task that is not measured, in order. */
const ROUNDS = [
  [0, 0, 'asked'],
  [0, 0, 'blind'],
  [0, 0, 'shuffled'],
  [2, 0, 'asked'],
  [2, 1, 'asked'],
  [2, 0, 'blind'],
  [2, 0, 'shuffled'],
] as const;

async function evaluate(own: Recipe = recipe) {
  const told: Progress[] = [];
  const { context } = surroundings(async (progress) => void told.push(progress));
  const summary: Summary = await STAGE_RUNNERS.evaluate({ recipe: own, evaluation }, context);
  const text = readFileSync(join(context.folder, SCORES_FILE), 'utf8');
  return { summary, told, text, ...(JSON.parse(text) as TrialScores) };
}

let result: Awaited<ReturnType<typeof evaluate>>;
const asked = () => readQuestions(folders.questions!);

beforeAll(async () => {
  await openEngine();
  const { scale, precision, data } = recipe;
  folders['corpus caption'] = await makeCorpus('caption');
  folders['corpus text'] = await makeCorpus('text');
  folders.corpus = folders['corpus caption'];
  folders.encoder = (await finish('encoder', { recipe: { scale, precision, encoder: { ...encoder, steps: 1 } } })).at;
  folders.corpus = folders['corpus text'];
  const { text_from, text_tokens } = data;
  const words = {
    scale,
    precision,
    language_model: { ...language, batch: 2, steps: 2 },
    data: { text_from, text_tokens },
  };
  folders['language-model'] = (await finish('language-model', { recipe: words })).at;
  folders.pictures = folders['corpus caption'];
  folders['pictures caption'] = (await finish('features', { recipe })).at;
  folders.pretrain = (await finish('pretrain', { recipe, seed: SEED })).at;
  folders.questions = (await finish('questions', { concepts: CONCEPTS, evaluation, resolution: 56 })).at;
  folders.pictures = folders.questions;
  folders.pictures = (await finish('features', { recipe })).at;
  result = await evaluate();
});

describe('the stage evaluate', () => {
  it('asks every task in every round, and keeps a whole row of each', () => {
    const { scores, summary } = result;
    expect(
      scores.map(({ task, shots, demonstrationSeed, condition }) => [task, shots, demonstrationSeed, condition]),
    ).toEqual([
      ...['emoji-caption', 'world-colour', 'definition'].flatMap((task) => ROUNDS.map((round) => [task, ...round])),
      ['speech-bits', 0, 0, 'asked'],
    ]);
    for (const score of scores) {
      const task = taskOf({ name: score.task });
      const { items } = asked().find(({ name }) => name === score.task)!;
      expect(score).toEqual({
        task: score.task,
        group: task.group,
        shots: score.shots,
        demonstrationSeed: score.demonstrationSeed,
        metric: task.metric,
        lowerIsBetter: score.task === 'speech-bits',
        condition: score.condition,
        value: expect.any(Number),
        items: ITEMS,
        chance: task.chance(items),
        demonstrations: score.shots === 0 ? [] : [expect.any(String), expect.any(String)],
      });
    }
    expect(Object.keys(summary)).toHaveLength(scores.length);
    const [first] = scores;
    expect(summary).toMatchObject({ 'emoji-caption': first!.value, 'world-colour 2-shot 1': expect.any(Number) });
    expect(summary['definition 2-shot 0 shuffled']).toBe(
      scores.find(({ task, shots, condition }) => task === 'definition' && shots === 2 && condition === 'shuffled')!
        .value,
    );
  });

  it('keeps a whole row of every item: its prompt, its output, and what that is worth', () => {
    const { scores, items: answers } = result;
    expect(answers).toHaveLength(scores.length * ITEMS);
    for (const own of asked()) {
      const task = taskOf({ name: own.name });
      for (const round of roundsOf({ name: own.name }, task, own, evaluation)) {
        const { shots, seed, condition, queries, lists } = round;
        const settings = { task: own.name, shots, demonstrationSeed: seed, condition, metric: task.metric };
        const is = (row: (typeof answers)[number] | (typeof scores)[number]) =>
          Object.entries(settings).every(([key, value]) => row[key as keyof typeof settings] === value);
        const rows = answers.filter(is);
        const outputs = rows.map(({ output }) => output);
        const scored = task.score(outputs, own.items);
        if (own.name === 'emoji-caption' && seed === 1) expect(new Set(lists)).toEqual(new Set([0, 1]));
        expect(rows).toEqual(
          own.items.map(({ id, references }, i) => ({
            ...settings,
            item: id,
            demonstrationList: lists[i],
            prompt: writtenPrompt(queries[i]!.prompt),
            output: outputs[i],
            references,
            value: scored.items[i],
          })),
        );
        expect(scores.filter(is)).toMatchObject([{ value: scored.value }]);
        const { demonstrations } = scores.find(is)!;
        expect(demonstrations.length > 0 ? demonstrations[lists[0]!] : '').toBe(writtenPrompt(queries[0]!.before));
      }
    }
  });

  it('has answers of the form of each task', () => {
    for (const { task, output, prompt, condition } of result.items) {
      const { items } = asked().find(({ name }) => name === task)!;
      if (task === 'definition') expect(items.flatMap(({ choices }) => choices)).toContain(output);
      if (task === 'speech-bits') expect(Number(output)).toBeGreaterThan(100);
      if (task === 'world-colour') {
        expect(prompt.endsWith(' It is')).toBe(true);
        expect(prompt.includes('<')).toBe(condition !== 'blind');
      }
    }
    const blind = result.items.filter(
      ({ task, shots, condition }) => task === 'emoji-caption' && shots === 0 && condition === 'blind',
    );
    expect(new Set(blind.map(({ output }) => output)).size).toBe(1);
    // A model that has seen two batches tells English from noise: eight bits are a guess.
    const bits = result.scores.find(({ task }) => task === 'speech-bits')!;
    expect(bits.value).toBeGreaterThan(0.5);
    expect(bits.value).toBeLessThan(bits.chance);
  });

  it('says how far it is, up to the last query', () => {
    const { told } = result;
    const total = ITEMS * (3 * ROUNDS.length + 1);
    expect(told.every((progress) => progress.total === total)).toBe(true);
    const done = told.map((progress) => progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect([done.length, done.at(-1)]).toEqual([new Set(done).size, total]);
  });

  it('is the same a second time, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    expect((await evaluate()).text).toBe(result.text);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('asks nothing where a prompt is longer than what the model was trained on', async () => {
    const short: Recipe = { ...recipe, data: { ...recipe.data, text_tokens: 30 } };
    const before = tf.memory().numTensors;
    await expect(evaluate(short)).rejects.toMatchObject({ code: 'E_CONTEXT', where: 'world-colour' });
    expect(tf.memory().numTensors).toBe(before);
  });
});
