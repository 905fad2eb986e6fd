import { random } from '../../random.js';
import { loadEmojiCorpus } from '../emoji/corpus.js';
import { questionsOf } from '../emoji/questions/index.js';
import { questionLine } from '../examples.js';
import type { BuiltInCorpus } from './corpus.js';
import { DRAWINGS_LICENCE, drawingsOf, drawnImage } from './emoji.js';
import { walkedSource } from './walk.js';

/** Fewest and most pictures on a page of a quiz. */
const PAGE = { fewest: 2, most: 6 };
/** Times that every drawing comes on a page, each time beside others. */
const PASSES = { train: 4, 'held-out': 1 } as const;

/** What CLDR's words answer about each drawing: a document a question, those about one drawing one after another. */
export const emojiQuestions: BuiltInCorpus = {
  name: 'emoji-questions',
  kind: 'question',
  about: "an emoji's group, subgroup, country, time, direction",
  licence: DRAWINGS_LICENCE,
  debian: null,
  counts: { pictures: 17_416, documents: 17_416, words: 136_943 },
  open: (side, _, options) =>
    walkedSource('emoji-questions', DRAWINGS_LICENCE, function* (count) {
      const corpus = loadEmojiCorpus(options);
      for (const drawing of drawingsOf(corpus, side)) {
        const image = drawnImage(drawing);
        for (const { kind, text, answer } of questionsOf(drawing.concept, corpus)) {
          count.seen();
          yield { kind: 'question', id: `emoji/${drawing.id}/${kind}`, image, question: text, answers: [answer] };
        }
      }
    }),
};

/** Pages as a quiz on the web has them: drawings, each followed by one question about it and the answer, on a line. */
export const emojiQuizzes: BuiltInCorpus = {
  name: 'emoji-quizzes',
  kind: 'interleaved',
  about: `${PAGE.fewest} to ${PAGE.most} emoji, each with a question and its answer`,
  licence: DRAWINGS_LICENCE,
  debian: null,
  counts: { pictures: 24_002, documents: 5981, words: 261_493 },
  open: (side, _, options) =>
    walkedSource('emoji-quizzes', DRAWINGS_LICENCE, function* (count) {
      const corpus = loadEmojiCorpus(options);
      const asked = drawingsOf(corpus, side)
        .map((drawing) => ({ drawing, questions: questionsOf(drawing.concept, corpus) }))
        .filter(({ questions }) => questions.length > 0);
      const stream = random(0, `emoji-quizzes ${side}`);
      let made = 0;
      for (let pass = 0; pass < PASSES[side]; pass++) {
        const order = stream.permutation(asked.length);
        for (let at = 0; at + PAGE.fewest <= order.length; ) {
          const pictures = PAGE.fewest + stream.below(PAGE.most - PAGE.fewest + 1);
          const pieces = Array.from(order.subarray(at, at + pictures), (i) => {
            const { drawing, questions } = asked[i]!;
            const { text, answer } = questions[stream.below(questions.length)]!;
            return [{ image: drawnImage(drawing) }, { text: `${questionLine(text, answer)}\n` }];
          });
          at += pictures;
          count.seen();
          yield { kind: 'interleaved', id: `emoji-quizzes/${side}/${made++}`, pieces: pieces.flat() };
        }
      }
    }),
};
