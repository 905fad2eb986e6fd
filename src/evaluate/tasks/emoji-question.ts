import { drawnImage } from '../../data/corpora/emoji.js';
import { type Corpus, type CorpusImage, imagesOf, loadEmojiCorpus, type Split } from '../../data/emoji/corpus.js';
import { questionsOf } from '../../data/emoji/questions/index.js';
import { chanceOfChoices, scoreAnswers } from './scoring.js';
import { type DrawnItem, examplesOf, sample, type Task } from './task.js';

/**
 * Questions that metadata answers, scored by VQA accuracy in percent; a guess is any answer of the question's kind.
 * @param splits pictures that are asked about
 */
export function emojiQuestion(name: string, splits: readonly Split[]): Task {
  return {
    group: 'vqa',
    prompt: 'question',
    answer: 'written',
    metric: 'VQA accuracy',
    limit: 16,
    stops: ['\n', '.', ',', 'Question'],
    async draw({ concepts, items, demonstrations }) {
      const corpus = loadEmojiCorpus({ concepts });
      const asked = splits.flatMap((split) => imagesOf(corpus, split)).flatMap((image) => itemsOf(image, corpus));
      const examples = imagesOf(corpus, 'train').flatMap((image) => itemsOf(image, corpus));
      return { asked: sample(asked, items, name), examples: examplesOf(examples, demonstrations, name) };
    },
    score: scoreAnswers,
    chance: chanceOfChoices,
  };
}

function itemsOf(image: CorpusImage, corpus: Corpus): DrawnItem[] {
  return questionsOf(image.concept, corpus).map(({ kind, text, answer, choices }) => ({
    id: `${image.id}/${kind}`,
    concept: image.concept.id,
    image: drawnImage(image),
    question: text,
    references: [answer],
    choices,
  }));
}
