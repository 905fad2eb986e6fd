import { loadEmojiCorpus } from '../emoji/corpus.js';
import { questionsOf } from '../emoji/questions/index.js';
import { captionsOf, contextOf, questionLine } from '../examples.js';
import type { BuiltInCorpus } from './corpus.js';
import { walkedSource } from './walk.js';

/**
 * What can be said of each concept without a picture. One document tells what the concept is and then, a line each, its
 * captions and its questions with their answers. On the training side each of these lines also stands alone: a model that
 * sees no picture learns its prior from them, which it could not from lines that name the concept to one another. On the
 * held-out side lines do not stand alone, for without their concept many of them are training lines.
 */
export const emojiTexts: BuiltInCorpus = {
  name: 'emoji-texts',
  kind: 'text',
  about: 'captions and questions of emoji, without a picture',
  licence: 'MIT',
  debian: null,
  counts: { pictures: 0, documents: 8296, words: 140_578 },
  open: (side, _, options) =>
    walkedSource('emoji-texts', emojiTexts.licence, function* (count) {
      const corpus = loadEmojiCorpus(options);
      for (const concept of corpus.concepts) {
        if (concept.heldOut !== (side === 'held-out')) continue;
        const questions = questionsOf(concept, corpus).map(({ text, answer }) => questionLine(text, answer));
        const lines = [...captionsOf(concept), ...questions];
        const texts = [[contextOf(concept), ...lines].join('\n'), ...(side === 'train' ? lines : [])];
        for (const [i, text] of texts.entries()) {
          count.seen();
          yield { kind: 'text', id: `emoji-texts/${concept.id}/${i}`, text };
        }
      }
    }),
};
