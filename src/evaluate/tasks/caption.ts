import { captionOf, imagesOf, trainingConcepts } from '../../data/emoji/corpus.js';
import { CAPTION_PROMPT } from '../../data/examples.js';
import { ciderD, ptbTokenize } from '../metrics/index.js';
import { guesses, type Item, type Scored, type Task } from './task.js';

function score(outputs: readonly string[], items: readonly Item[]): Scored {
  const { mean, items: each } = ciderD(
    outputs.map((output) => ptbTokenize(output)),
    items.map(({ references }) => references.map((reference) => ptbTokenize(reference))),
  );
  return { mean: mean * 100, items: each.map((value) => value * 100) };
}

/** What is drawn here? Scored by CIDEr-D against the concept's name; a guess is the name of some training concept. */
export const caption: Task = {
  metric: 'CIDEr-D',
  limit: 16,
  stops: ['\n'],
  items(corpus, splits) {
    const choices = trainingConcepts(corpus).map(captionOf);
    return splits
      .flatMap((split) => imagesOf(corpus, split))
      .map((image) => ({
        id: image.id,
        image,
        prompt: CAPTION_PROMPT,
        references: [captionOf(image.concept)],
        choices,
      }));
  },
  score,
  chance: (items) => score(guesses(items), items).mean,
};
