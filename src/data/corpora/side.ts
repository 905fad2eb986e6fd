import { fractionOf } from '../emoji/concepts.js';
import type { Side } from './corpus.js';

/** Share of the texts that is held out: whole documents, so that no sentence of one is ever trained on. */
export const HELD_OUT_TEXTS = 0.1;

/**
 * The side that a document stands on, by a hash of a text that names it, so that it keeps its side whatever else
 * is in the corpus, and documents of equal names are always on one side.
 * @param share of the names that is held out
 */
export function sideOf(name: string, share = HELD_OUT_TEXTS): Side {
  return fractionOf(name, 'held out') < share ? 'held-out' : 'train';
}
