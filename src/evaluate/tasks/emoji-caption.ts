import { drawnImage } from '../../data/corpora/emoji.js';
import {
  type CorpusImage,
  captionOf,
  imagesOf,
  loadEmojiCorpus,
  type Split,
  trainingConcepts,
} from '../../data/emoji/corpus.js';
import { scoreCaptions } from './scoring.js';
import { type DrawnItem, examplesOf, guesses, sample, type Task } from './task.js';

/**
 * What is drawn here? Scored by CIDEr-D against the concept's name; a guess is the name of some training concept.
 * @param splits pictures that are asked about
 */
export function emojiCaption(name: string, splits: readonly Split[]): Task {
  return {
    group: 'captioning',
    prompt: 'caption',
    answer: 'written',
    metric: 'CIDEr-D',
    limit: 16,
    stops: ['\n'],
    async draw({ concepts, items, demonstrations }) {
      const corpus = loadEmojiCorpus({ concepts });
      const choices = trainingConcepts(corpus).map(captionOf);
      const itemOf = (image: CorpusImage): DrawnItem => ({
        id: image.id,
        concept: image.concept.id,
        image: drawnImage(image),
        question: '',
        references: [captionOf(image.concept)],
        choices,
      });
      const asked = sample(
        splits.flatMap((split) => imagesOf(corpus, split)),
        items,
        name,
      );
      const examples = imagesOf(corpus, 'train').map(itemOf);
      return { asked: asked.map(itemOf), examples: examplesOf(examples, demonstrations, name) };
    },
    score: scoreCaptions,
    chance: (items) => scoreCaptions(guesses(items), items).value,
  };
}
