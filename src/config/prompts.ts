import { show } from './describe.js';
import { suggest } from './nearest.js';
import { IMAGE, QUESTION } from './tasks.js';

const PLACEHOLDER = /\{[^{}]*\}/g;
const CONTROL_BUT_NEWLINE = /[^\P{Cc}\n]/u;

/**
 * What is wrong with a prompt, as the rest of sentences that begin with its name.
 * @param needed placeholders that must stand in it, and no others; null where that is not known
 */
export function promptFaults(prompt: string, needed: readonly string[] | null): string[] {
  if (CONTROL_BUT_NEWLINE.test(prompt)) return ['must hold no control characters but \\n'];
  const found: readonly string[] = prompt.match(PLACEHOLDER) ?? [];
  const unknown = found.filter((each) => each !== IMAGE && each !== QUESTION);
  if (unknown.length > 0) {
    const valid = needed ?? [IMAGE, QUESTION];
    return unknown.map((each) => `has the unknown placeholder ${show(each)}: ${suggest(each, valid)}`);
  }
  const missing = (needed ?? []).filter((each) => !found.includes(each));
  const strange = needed === null ? [] : [...new Set(found)].filter((each) => !needed.includes(each));
  return [
    ...missing.map((each) => `must hold ${each}; it is ${show(prompt)}`),
    ...strange.map((each) => `must not hold ${each}: what it asks has none`),
    ...(found.filter((each) => each === IMAGE).length > 1 ? [`has ${IMAGE} twice: a query shows one picture`] : []),
  ];
}
