import type { BuiltInCorpus } from './corpus.js';
import { emoji, emojiCaptions } from './emoji.js';
import { emojiQuestions, emojiQuizzes } from './emoji-questions.js';
import { emojiLanguages, emojiSchemes } from './emoji-rules.js';
import { emojiTexts } from './emoji-texts.js';
import { flagQuestions, flags } from './flags.js';
import { manuals } from './html.js';
import { novel } from './novel.js';
import { openclipart } from './openclipart.js';
import { speeches } from './speeches.js';
import { stamps } from './stamps.js';
import { wordnet } from './wordnet.js';
import { worlds } from './world.js';

/** Every corpus that mm1 knows by name. A new one is a file beside this one and a line here. */
export const CORPORA: readonly BuiltInCorpus[] = [
  emoji,
  ...emojiCaptions,
  emojiQuestions,
  emojiQuizzes,
  emojiLanguages,
  emojiSchemes,
  emojiTexts,
  flags,
  flagQuestions,
  ...worlds,
  wordnet,
  speeches,
  novel,
  openclipart,
  stamps,
  ...manuals,
];
