import type { Piece } from '../../data/packing.js';
import type { Tokenizer } from '../../data/tokenizer/index.js';
import type { Item } from '../tasks/task.js';
import { IMAGE, QUESTION, SEPARATOR } from './templates.js';

/** A prompt's parts in order: text, and pictures by their ids. */
export type PromptPart = { readonly text: string } | { readonly image: string };

/** What of an item a prompt shows. */
export type Shown = Pick<Item, 'image' | 'question'>;

/** An item's prompt; where it has no picture, nothing stands in the picture's place. */
export function promptOf(template: string, { image, question }: Shown): PromptPart[] {
  return template.split(IMAGE).flatMap((part, i): PromptPart[] => {
    const text = part.replaceAll(QUESTION, () => question);
    return [...(i > 0 && image !== null ? [{ image }] : []), ...(text === '' ? [] : [{ text }])];
  });
}

/** Solved examples in the form of the prompt, one after another: what stands before a query. */
export function demonstrationsOf(
  template: string,
  examples: readonly (Shown & Pick<Item, 'references'>)[],
): PromptPart[] {
  return examples.flatMap((example) => {
    const prompt = promptOf(template, example);
    const written = prompt.some((part) => 'text' in part);
    return joined([...prompt, { text: `${written ? ' ' : ''}${example.references[0]}${SEPARATOR}` }]);
  });
}

/** Neighbouring texts as one, so that they are encoded as training encodes them. */
export function joined(parts: readonly PromptPart[]): PromptPart[] {
  const whole: PromptPart[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (last && 'text' in last && 'text' in part) whole[whole.length - 1] = { text: last.text + part.text };
    else whole.push(part);
  }
  return whole;
}

/** A prompt in one line of text, as a person reads it and the record keeps it. */
export function writtenPrompt(parts: readonly PromptPart[]): string {
  return parts.map((part) => ('text' in part ? part.text : `<${part.image}>`)).join('');
}

/** A prompt as the model reads it. */
export function encodePrompt(parts: readonly PromptPart[], tokenizer: Tokenizer): Piece<string>[] {
  return joined(parts).map((part) =>
    'text' in part ? { tokens: tokenizer.encode(part.text), counted: false } : { image: part.image },
  );
}
