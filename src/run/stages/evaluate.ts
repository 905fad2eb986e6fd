import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispose } from '@tensorflow/tfjs-core';
import type { Recipe } from '../../config/recipe.js';
import { openPictures } from '../../data/pictures.js';
import { loadTokenizer, TOKENIZER_FILE } from '../../data/tokenizer/index.js';
import { ask, type Subject } from '../../evaluate/ask.js';
import { checkContext } from '../../evaluate/context.js';
import { writtenPrompt } from '../../evaluate/prompts/compose.js';
import { type AskedTask, readQuestions } from '../../evaluate/question-folder.js';
import { type Round, roundsOf } from '../../evaluate/rounds.js';
import { taskOf } from '../../evaluate/tasks/index.js';
import type { Task } from '../../evaluate/tasks/task.js';
import { multimodalConfig } from '../../model/multimodal-config.js';
import type { ItemScoreRow, ScoreRow } from '../../store/rows.js';
import { loadWeights } from '../../train/checkpoint.js';
import { shownOf } from './pretrain.js';
import type { StageContext, StageRunner } from './stage-kind.js';

/** File that a trial's scores are kept in. */
export const SCORES_FILE = 'scores.json';

/** What the file holds. */
export interface TrialScores {
  readonly scores: readonly ScoreRow[];
  readonly items: readonly ItemScoreRow[];
  /** What each item is about, by its id. */
  readonly concepts: Readonly<Record<string, string>>;
}

/** Asks a trained variant every task, at every number of shots, and its controls. */
export const evaluate: StageRunner<'evaluate'> = async ({ recipe, evaluation }, context) => {
  const subject = await openSubject(recipe, context);
  const asked = readQuestions(context.parent('questions'));
  const work = evaluation.tasks.map((spec, i) => {
    const task = taskOf(spec);
    return { name: spec.name, task, rounds: roundsOf(spec, task, asked[i]!, evaluation) };
  });
  const total = work.flatMap(({ rounds }) => rounds).reduce((sum, { queries }) => sum + queries.length, 0);
  let done = 0;
  const result: { scores: ScoreRow[]; items: ItemScoreRow[] } = { scores: [], items: [] };
  try {
    for (const { name, rounds } of work) checkContext(name, rounds, subject, recipe);
    for (const [i, { name, task, rounds }] of work.entries()) {
      const chance = task.chance(asked[i]!.items);
      for (const round of rounds) {
        const outputs = await ask(subject, task, round.queries, (queries) => {
          done += queries;
          return context.progress({ done, total });
        });
        record(result, { name, task, asked: asked[i]!, chance }, round, outputs);
      }
    }
  } finally {
    dispose(subject.parameters);
    await subject.pictures.close();
  }
  const concepts = Object.fromEntries(asked.flatMap(({ items }) => items.map(({ id, concept }) => [id, concept])));
  writeFileSync(join(context.folder, SCORES_FILE), JSON.stringify({ ...result, concepts } satisfies TrialScores));
  return Object.fromEntries(result.scores.map((score) => [titleOf(score), score.value]));
};

/** A trial's trained model, and the pictures that it is asked about. */
async function openSubject(recipe: Recipe, context: Pick<StageContext, 'parent'>): Promise<Subject> {
  const tokenizer = loadTokenizer(join(context.parent('language-model'), TOKENIZER_FILE));
  return {
    parameters: loadWeights(context.parent('pretrain')),
    config: multimodalConfig(recipe, tokenizer.vocabularySize),
    tokenizer,
    pictures: await openPictures(shownOf(recipe, [context.parent('pictures')])),
  };
}

function record(
  { scores, items }: { scores: ScoreRow[]; items: ItemScoreRow[] },
  { name, task, asked, chance }: { name: string; task: Task; asked: AskedTask; chance: number },
  { shots, seed, condition, queries, lists, demonstrations }: Round,
  outputs: readonly string[],
): void {
  const scored = task.score(outputs, asked.items);
  const common = { task: name, shots, demonstrationSeed: seed, metric: task.metric, condition };
  scores.push({
    ...common,
    group: task.group,
    lowerIsBetter: task.lowerIsBetter ?? false,
    value: scored.value,
    items: asked.items.length,
    chance,
    demonstrations,
  });
  asked.items.forEach(({ id, references }, i) => {
    items.push({
      ...common,
      item: id,
      demonstrationList: lists[i]!,
      prompt: writtenPrompt(queries[i]!.prompt),
      output: outputs[i]!,
      references,
      value: scored.items[i]!,
    });
  });
}

function titleOf({ task, shots, demonstrationSeed, condition }: ScoreRow): string {
  const parts = [task, shots > 0 && `${shots}-shot ${demonstrationSeed}`, condition !== 'asked' && condition];
  return parts.filter(Boolean).join(' ');
}
