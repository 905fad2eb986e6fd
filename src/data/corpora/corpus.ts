import type { CorpusOptions } from '../emoji/corpus.js';
import type { Source, SourceDocument } from '../sources/source.js';

/** Sides of the split: `train` may be trained on, `held-out` never is. */
export const SIDES = ['train', 'held-out'] as const;
export type Side = (typeof SIDES)[number];

/** How much a corpus holds, both sides together. */
export interface Counts {
  /** Pictures, each once for each document that shows it. */
  readonly pictures: number;
  readonly documents: number;
  /** Runs of letters, digits and apostrophes. */
  readonly words: number;
}

/** A Debian package that a corpus is read from. */
export interface DebianPackage {
  readonly name: string;
  /** What is downloaded, in megabytes: about, for it differs between releases of Debian. */
  readonly megabytes: number;
}

/** A corpus that mm1 knows by its name. */
export interface BuiltInCorpus {
  readonly name: string;
  readonly kind: SourceDocument['kind'];
  /** What it is, in a few words. */
  readonly about: string;
  /** As its owner names it. */
  readonly licence: string;
  /** Where it comes from: null for npm packages that mm1 depends on, which are always there. */
  readonly debian: DebianPackage | null;
  /** Whether its documents come in random order already. */
  readonly random?: true;
  /** What was counted, without a cap; null where that is done when the Debian package is installed. */
  readonly counts: Counts | null;
  /**
   * One side of the corpus.
   * @param folder what the Debian package was unpacked into; not read where there is none
   * @param options cap of the emoji's concepts; other corpora have nothing that it caps
   */
  open(side: Side, folder: string, options?: CorpusOptions): Source;
}
