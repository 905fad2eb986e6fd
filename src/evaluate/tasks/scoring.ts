import { ciderD, ptbTokenizeAll, vqaAccuracy } from '../metrics/index.js';
import { type Item, meanOf, type Scored } from './task.js';

/** Captions by CIDEr-D, times 100 as papers print it. */
export function scoreCaptions(outputs: readonly string[], items: readonly Item[]): Scored {
  // The scorer tokenises all references as one file.
  const references = ptbTokenizeAll(items.flatMap((item) => item.references));
  let first = 0;
  const { mean, items: each } = ciderD(
    ptbTokenizeAll(outputs),
    items.map((item) => {
      first += item.references.length;
      return references.slice(first - item.references.length, first);
    }),
  );
  return { value: mean * 100, items: each.map((value) => value * 100) };
}

/** The VQA scorer asks for ten people's answers. */
const PEOPLE = 10;

/**
 * Answers by VQA accuracy in percent. Of fewer answers than ten each is repeated in turn until there are ten: one that is
 * known to be right stands for all of them. More than ten are taken as they are.
 */
export function scoreAnswers(outputs: readonly string[], items: readonly Item[]): Scored {
  return meanOf(outputs.map((output, i) => 100 * vqaAccuracy(output, peopleOf(items[i]!.references))));
}

function peopleOf(answers: readonly string[]): string[] {
  return Array.from({ length: Math.max(PEOPLE, answers.length) }, (_, person) => answers[person % answers.length]!);
}

/** What a guess scores in percent, where every choice is as likely to be right. */
export function chanceOfChoices(items: readonly Item[]): number {
  return meanOf(items.map(({ choices }) => 100 / choices.length)).value;
}
