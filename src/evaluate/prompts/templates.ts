import { IMAGE, QUESTION } from '../../config/tasks.js';
import { CAPTION_PROMPT, questionPrompt } from '../../data/examples.js';

export { IMAGE, QUESTION };

/** How each kind of query is put (MM1: "{IMAGE} A photo of" and "{IMAGE} Question: {Q} Short answer:"). A grid can change each. */
export const PROMPTS: Readonly<Record<string, string>> = {
  caption: `${IMAGE}${CAPTION_PROMPT}`,
  'world-caption': IMAGE,
  question: `${IMAGE}${questionPrompt(QUESTION)}`,
  definition: `${QUESTION}. The word:`,
  'is-a': `${QUESTION} is a kind of`,
  antonym: `The opposite of ${QUESTION} is`,
  cloze: QUESTION,
  text: QUESTION,
};

/** Between a demonstration's answer and what follows it. */
export const SEPARATOR = '\n';
