import type { Recipe } from '../config/recipe.js';
import { contextLength } from '../config/sequence-length.js';
import { Mm1Error } from '../errors.js';
import { longestPrompt, type Query, type Subject } from './ask.js';
import type { Round } from './rounds.js';

/**
 * Refuses prompts that are longer than what the model was trained on: it would answer, and nobody could say what that is worth.
 * @throws Mm1Error E_CONTEXT that says how many shots fit
 */
export function checkContext(task: string, rounds: readonly Round[], subject: Subject, recipe: Recipe): void {
  const context = contextLength(recipe);
  const lengths = rounds.map(({ shots, queries }) => ({ shots, length: longestPrompt(queries, subject) }));
  const worst = lengths.reduce((a, b) => (b.length > a.length ? b : a));
  if (worst.length <= context) return;
  const tooLong = new Set(lengths.filter(({ length }) => length > context).map(({ shots }) => shots));
  const fitting = lengths.map(({ shots }) => shots).filter((shots) => !tooLong.has(shots));
  const most =
    fitting.length > 0
      ? `At ${Math.max(...fitting)} shots the task fits.`
      : 'At none of the asked numbers of shots it fits.';
  throw new Mm1Error(
    `a prompt of ${task} at ${worst.shots} shots has ${worst.length} tokens, and the model was trained on ${context}`,
    {
      code: 'E_CONTEXT',
      where: task,
      remedy: `${most} Ask for fewer shots, or this task alone by shots of its own, or give data.images and data.text_tokens room. What was trained is kept.`,
    },
  );
}

/**
 * Refuses one prompt that is longer than what the model was trained on.
 * @throws Mm1Error E_CONTEXT
 */
export function checkPrompt(query: Query, subject: Pick<Subject, 'tokenizer' | 'config'>, recipe: Recipe): void {
  const context = contextLength(recipe);
  const length = longestPrompt([query], subject);
  if (length <= context) return;
  throw new Mm1Error(`the prompt has ${length} tokens, and the model was trained on ${context}`, {
    code: 'E_CONTEXT',
    remedy: 'Ask in fewer words.',
  });
}
