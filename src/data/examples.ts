import { type Concept, captionOf, tagsOf } from './emoji/corpus.js';

/** Prompt that asks for a picture's name (the paper's is "A photo of"; these pictures are drawings). */
export const CAPTION_PROMPT = 'A drawing of';
const TAGS_PROMPT = 'A drawing tagged';

/** Prompt of a question, in the paper's form. */
export function questionPrompt(question: string): string {
  return `Question: ${question} Short answer:`;
}

/** A question that follows on others with their answers: its prompt then reads as theirs, one after another. */
export function followingQuestion(
  earlier: readonly { readonly question: string; readonly answer: string }[],
  question: string,
): string {
  return [...earlier.map((turn) => `${turn.question} Short answer: ${turn.answer}\n`), question].join('Question: ');
}

/** A question with its answer, as text has it. */
export function questionLine(question: string, answer: string): string {
  return `${questionPrompt(question)} ${answer}`;
}

/** A concept's captions: its name, and its tags where it has some. */
export function captionsOf(concept: Concept): string[] {
  const tags = tagsOf(concept);
  return [`${CAPTION_PROMPT} ${captionOf(concept)}`, ...(tags ? [`${TAGS_PROMPT} ${tags}`] : [])];
}

/** One caption of all that is known of a concept, for the role of VeCap's rewritten captions (Lai et al., 2023). */
export function rewrittenCaption(concept: Concept): string {
  const tags = tagsOf(concept);
  const kind = `one of ${concept.subgroup} in ${concept.group}`;
  return `${CAPTION_PROMPT} ${captionOf(concept)}, ${kind}${tags ? `, tagged ${tags}` : ''}.`;
}

/** What a text tells of a concept in place of a picture. */
export function contextOf(concept: Concept): string {
  const tags = tagsOf(concept);
  return tags ? `${captionOf(concept)}: ${tags}.` : `${captionOf(concept)}.`;
}
