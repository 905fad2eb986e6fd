import { imagesOf } from '../../data/emoji/corpus.js';
import { questionsOf } from '../../data/emoji/questions/index.js';
import { questionPrompt } from '../../data/examples.js';
import { vqaAccuracy } from '../metrics/index.js';
import type { Task } from './task.js';

/** The VQA scorer asks for ten people's answers; metadata gives one, which stands for all ten. */
const PEOPLE = 10;

/** Questions that metadata answers, scored by VQA accuracy in percent; a guess is any answer of the question's kind. */
export const question: Task = {
  metric: 'VQA accuracy',
  limit: 16,
  stops: ['\n', '.', ',', 'Question'],
  items: (corpus, splits) =>
    splits
      .flatMap((split) => imagesOf(corpus, split))
      .flatMap((image) =>
        questionsOf(image.concept, corpus).map(({ kind, text, answer, choices }) => ({
          id: `${image.id}/${kind}`,
          image,
          prompt: questionPrompt(text),
          references: [answer],
          choices,
        })),
      ),
  score(outputs, items) {
    const each = outputs.map((output, i) => {
      const answers = new Array<string>(PEOPLE).fill(items[i]!.references[0]!);
      return 100 * vqaAccuracy(output, answers);
    });
    return { items: each, mean: each.reduce((a, b) => a + b, 0) / each.length };
  },
  chance: (items) => (100 * items.reduce((total, { choices }) => total + 1 / choices.length, 0)) / items.length,
};
