import { random } from '../random.js';
import type { Condition } from '../store/rows.js';
import { EVALUATION_SEED, type Item } from './tasks/task.js';

/** What of an item its task is about: its picture, or of text alone its question. */
type Subject = Pick<Item, 'image' | 'question'>;

/** An item without what it is about. */
export function blinded<Some extends Subject>(item: Some): Some {
  return item.image === null ? { ...item, question: '' } : { ...item, image: null };
}

/**
 * Every item with what another one is about: as many pictures are shown as often, and none where it belongs. The other item
 * is of another concept, and none of its answers is right here, wherever there is such an item. Where items tell their
 * pictures' kind it is another of the same kind, whatever its answer: what is left of the score is what the kind alone is
 * worth. (A picture that has nothing to do with an item can never be worth more than none: the best answer without one is as
 * good.)
 */
export function shuffledItems(items: readonly Item[], task: string): Item[] {
  const order = random(EVALUATION_SEED, `shuffled ${task}`).permutation(items.length);
  const taken = new Set<number>();
  return items.map((item) => {
    const alike = order.findIndex((place) => !taken.has(place) && isAlike(items[place]!, item));
    const free = order.findIndex((place) => !taken.has(place) && differs(items[place]!, item));
    const rest = order.findIndex((place) => !taken.has(place) && items[place]!.concept !== item.concept);
    const last = order.findIndex((place) => !taken.has(place));
    const other = order[[alike, free, rest, last].find((found) => found >= 0)!]!;
    taken.add(other);
    const { image, question } = items[other]!;
    return item.image === null ? { ...item, question } : { ...item, image };
  });
}

function isAlike(a: Item, b: Item): boolean {
  return a.kind !== undefined && a.kind === b.kind && a.concept !== b.concept;
}

function differs(a: Item, b: Item): boolean {
  return a.concept !== b.concept && a.references.every((reference) => !b.references.includes(reference));
}

/** Items and demonstrations as a condition has them. */
export function underCondition(
  condition: Condition,
  items: readonly Item[],
  task: string,
): { readonly items: readonly Item[]; readonly example: (example: Item) => Item } {
  const same = (example: Item) => example;
  if (condition === 'asked') return { items, example: same };
  if (condition === 'shuffled') return { items: shuffledItems(items, task), example: same };
  // Text alone keeps its demonstrations' questions: without them nothing would say what is asked.
  return { items: items.map(blinded), example: (example) => (example.image === null ? example : blinded(example)) };
}
