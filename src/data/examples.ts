import { type Concept, type Corpus, captionOf, tagsOf } from './emoji/corpus.js';
import { questionsOf } from './emoji/questions/index.js';

/** A prompt and what should follow it. Loss falls on the answer alone: the prompt is the same for every picture. */
export interface Example {
  readonly kind: 'caption' | 'question';
  readonly prompt: string;
  /** Starts with a space, as text that follows the prompt does. */
  readonly answer: string;
}

/** Prompt that asks for a picture's name (the paper's is "A photo of"; these pictures are drawings). */
export const CAPTION_PROMPT = 'A drawing of';
const TAGS_PROMPT = 'A drawing tagged';

/** Prompt of a question, in the paper's form. */
export function questionPrompt(question: string): string {
  return `Question: ${question} Short answer:`;
}

/** A concept's captions: its name, and its tags. */
export function captionExamples(concept: Concept): Example[] {
  const examples: Example[] = [{ kind: 'caption', prompt: CAPTION_PROMPT, answer: ` ${captionOf(concept)}` }];
  const tags = tagsOf(concept);
  if (tags) examples.push({ kind: 'caption', prompt: TAGS_PROMPT, answer: ` ${tags}` });
  return examples;
}

/** A concept's questions with their answers. */
export function questionExamples(concept: Concept, corpus: Corpus): Example[] {
  return questionsOf(concept, corpus).map(({ text, answer }) => ({
    kind: 'question',
    prompt: questionPrompt(text),
    answer: ` ${answer}`,
  }));
}

/** What a text-only sequence tells of a concept in place of a picture. */
export function contextOf(concept: Concept): string {
  const tags = tagsOf(concept);
  return tags ? `${captionOf(concept)}: ${tags}.` : `${captionOf(concept)}.`;
}
