import type { EncoderData, TrainedEncoder } from '../config/recipe.js';

/** How the texts of a set's pairs come about. */
export interface TextShares {
  /** Share of pairs whose text names what is visible, where a picture has such a text: what VeCap adds (Lai et al., 2023). */
  readonly rewritten: number;
  /** Share of the other pairs whose text belongs to another picture. */
  readonly mismatched: number;
}

/** What stands for a pre-training set of the paper's encoders. */
export interface EncoderSet extends TextShares {
  /** Pairs of the paper's set: its name says it (MM1, table 1). */
  readonly pairs: number;
  /** Documents here, as a share of those of dfn-5b. */
  readonly size: number;
  /** One sentence: what here stands for what there. */
  readonly about: string;
}

/**
 * Wrong texts that a filter leaves, and those of pairs that nobody filtered so. MM1 gives no such number: both are this
 * project's own choice, and stand beside what a corpus has wrong of its own.
 */
const FILTERED = 0.05;
const UNFILTERED = 0.2;

/** Pairs of VeCap-300M among those of DFN-5B and VeCap-300M together. */
const VECAP = 0.3 / 5.3;

/**
 * The sets by name. Numbers of documents keep the paper's proportions but for one: dfn-5b+vecap has the documents of dfn-5b
 * and not 6% more, so that texts alone tell the two apart.
 */
export const ENCODER_SETS: Readonly<Record<EncoderData, EncoderSet>> = {
  'dfn-2b': {
    pairs: 2e9,
    size: 0.4,
    rewritten: 0,
    mismatched: FILTERED,
    about: 'two fifths of the documents of dfn-5b, filtered as they are',
  },
  'dfn-5b': {
    pairs: 5e9,
    size: 1,
    rewritten: 0,
    mismatched: FILTERED,
    about: 'as many captioned pictures as encoder.pictures says, each with an alternative text; few are wrong',
  },
  'dfn-5b+vecap': {
    pairs: 5.3e9,
    size: 1,
    rewritten: VECAP,
    mismatched: FILTERED,
    about: 'the documents of dfn-5b; now and then a text that names what is visible stands in for VeCap-300M',
  },
  'imagetext-400m': {
    pairs: 4e8,
    size: 0.08,
    rewritten: 0,
    mismatched: UNFILTERED,
    about: 'far fewer documents, and many wrong texts: no data filtering network has looked at them',
  },
};

/** Caption documents, all sources together, that an encoder is pre-trained on, where the sources have so many. */
export function encoderDocuments({ data, pictures }: Pick<TrainedEncoder, 'data' | 'pictures'>): number {
  return Math.max(1, Math.round(pictures * ENCODER_SETS[data].size));
}
