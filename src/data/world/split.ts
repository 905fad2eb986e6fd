import { ALPHABET } from './glyphs.js';
import { type Colour, FILLS, type Fill, type ShapeName } from './vocabulary.js';

/** Training scenes, and scenes of which every combination of attributes and every string is new. */
export const SPLITS = ['train', 'held-out'] as const;
export type Split = (typeof SPLITS)[number];

/** One in so many strings, and of nonsense words, is held out. */
const HELD_OUT_ONE_IN = 8;

/**
 * The side of a combination of attributes. Of each colour and shape exactly one of the three fills is held out, which
 * one a hash says, so that on either side every colour goes with every shape: no answer is likelier than another.
 */
export function splitOfCombination(colour: Colour, shape: ShapeName, fill: Fill): Split {
  return FILLS[hash(`${colour} ${shape}`) % FILLS.length] === fill ? 'held-out' : 'train';
}

/** The side of a string on a sign, or of a nonsense word. */
export function splitOfString(text: string): Split {
  return hash(text) % HELD_OUT_ONE_IN === 0 ? 'held-out' : 'train';
}

/** Fills that a colour and shape can have on a side. */
export function fillsOf(colour: Colour, shape: ShapeName, split: Split): Fill[] {
  return FILLS.filter((fill) => splitOfCombination(colour, shape, fill) === split);
}

const SYLLABLES = ['ba', 'de', 'fi', 'go', 'ku', 'la', 'me', 'ni', 'po', 'ru', 'ta', 'vo', 'wi', 'zu'];

/** Two characters each, a letter among them: two digits could be a chart's number, which both sides have. */
const STRINGS = bySplit(pairsOf([...ALPHABET]).filter((text) => /[A-Z]/.test(text)));
/** Words that mean nothing before a document gives them a meaning. */
const NONSENSE_WORDS = bySplit(pairsOf(SYLLABLES));

/** All that a side's signs can say. */
export function stringsOf(split: Split): readonly string[] {
  return STRINGS[split];
}

/** A side's words that mean nothing before a document gives them a meaning. */
export function nonsenseWordsOf(split: Split): readonly string[] {
  return NONSENSE_WORDS[split];
}

function pairsOf(parts: readonly string[]): string[] {
  return parts.flatMap((first) => parts.map((second) => first + second));
}

function bySplit(texts: readonly string[]): Record<Split, readonly string[]> {
  const of = (split: Split) => texts.filter((text) => splitOfString(text) === split);
  return { train: of('train'), 'held-out': of('held-out') };
}

/** FNV-1a, 32 bits, then MurmurHash3's last steps: of short texts FNV alone mixes the low bits poorly. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
