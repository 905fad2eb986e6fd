import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispose } from '@tensorflow/tfjs-core';
import { loadEmojiCorpus } from '../../data/emoji/corpus.js';
import { openPictures } from '../../data/pictures.js';
import { loadTokenizer, TOKENIZER_FILE } from '../../data/tokenizer/index.js';
import { ask, askBlind } from '../../evaluate/ask.js';
import { evaluationItems } from '../../evaluate/tasks/index.js';
import { multimodalConfig } from '../../model/multimodal-config.js';
import type { Condition, ItemScoreRow, ScoreRow } from '../../store/rows.js';
import { loadWeights } from '../../train/checkpoint.js';
import { shownOf } from './pretrain.js';
import type { StageRunner } from './stage-kind.js';

/** File that a trial's scores are kept in. */
export const SCORES_FILE = 'scores.json';

/** What the file holds. */
export interface TrialScores {
  readonly scores: readonly ScoreRow[];
  readonly items: readonly ItemScoreRow[];
}

/** Asks a trained variant every task, with the picture and without it. */
export const evaluate: StageRunner<'evaluate'> = async ({ recipe, evaluation }, context) => {
  const tokenizer = loadTokenizer(join(context.parent('language-model'), TOKENIZER_FILE));
  const corpus = loadEmojiCorpus({ concepts: recipe.data.concepts });
  const pictures = await openPictures(shownOf(recipe, [context.parent('pictures')]));
  const parameters = loadWeights(context.parent('pretrain'));
  const subject = { parameters, config: multimodalConfig(recipe, tokenizer.vocabularySize), tokenizer, pictures };
  const tasks = evaluationItems(corpus, evaluation);
  const total = tasks.reduce((sum, { items }) => sum + items.length, 0);
  let done = 0;
  const scores: ScoreRow[] = [];
  const rows: ItemScoreRow[] = [];
  const summary: Record<string, number> = {};
  try {
    for (const { name, task, items } of tasks) {
      const chance = task.chance(items);
      const record = (condition: Condition, outputs: readonly string[]) => {
        const scored = task.score(outputs, items);
        const common = { task: name, shots: 0, metric: task.metric, condition };
        scores.push({ ...common, value: scored.mean, items: items.length, chance });
        items.forEach(({ id, prompt, references }, i) => {
          rows.push({ ...common, item: id, prompt, output: outputs[i]!, references, value: scored.items[i]! });
        });
        return scored.mean;
      };
      const answers = await ask(subject, task, items, (answered) => {
        done += answered;
        return context.progress({ done, total });
      });
      summary[name] = record('image', answers);
      summary[`${name} blind`] = record('blind', askBlind(subject, task, items));
    }
  } finally {
    dispose(parameters);
    await pictures.close();
  }
  const result: TrialScores = { scores, items: rows };
  writeFileSync(join(context.folder, SCORES_FILE), JSON.stringify(result));
  return summary;
};
