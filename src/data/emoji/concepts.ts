import { createHash } from 'node:crypto';
import { readJson } from './packages.js';

/** One thing that an emoji shows, with the words that CLDR has for it. */
export interface Concept {
  /** Code points in lower-case hexadecimal, four digits or more each, without the presentation selector FE0F. */
  readonly id: string;
  /** CLDR's English short name, quotes and apostrophes in ASCII: the caption. */
  readonly label: string;
  /** CLDR's English keywords. */
  readonly tags: readonly string[];
  /** One of nine, as words: "animals and nature". */
  readonly group: string;
  /** One of about a hundred, as words: "face smiling". */
  readonly subgroup: string;
  /** True where no picture of this concept is ever trained on. */
  readonly heldOut: boolean;
}

/** Share of the concepts that is held out. */
export const HELD_OUT_SHARE = 0.2;

/** CLDR's group of skin-tone and hair swatches, which are parts of emoji and no concepts of their own. */
const COMPONENT = 'component';

interface Emoji {
  readonly label: string;
  readonly hexcode: string;
  readonly tags?: readonly string[];
  readonly group?: number;
  readonly subgroup?: number;
}

interface GroupNames {
  readonly groups: Readonly<Record<string, string>>;
  readonly subgroups: Readonly<Record<string, string>>;
}

/**
 * Every concept of emojibase-data (names and keywords from CLDR), in CLDR's order. Variants by skin tone are
 * one concept; components and lone regional indicators are none.
 */
export function loadConcepts(): Concept[] {
  const emoji = readJson<Emoji[]>('emojibase-data/en/data.json');
  const names = readJson<GroupNames>('emojibase-data/meta/groups.json');
  const concepts: Concept[] = [];
  for (const entry of emoji) {
    const group = entry.group === undefined ? undefined : names.groups[entry.group];
    const subgroup = entry.subgroup === undefined ? undefined : names.subgroups[entry.subgroup];
    if (group === undefined || subgroup === undefined || group === COMPONENT) continue;
    const label = asciiQuotes(entry.label);
    concepts.push({
      id: codePoints(entry.hexcode),
      label,
      tags: (entry.tags ?? []).map(asciiQuotes),
      // Hyphens join words inside a subgroup, and the two halves of a group: "animals-nature".
      group: group.replaceAll('-', ' and '),
      subgroup: subgroup.replaceAll('-', ' '),
      heldOut: fractionOf(baseOf(label), 'held out') < HELD_OUT_SHARE,
    });
  }
  return concepts;
}

/**
 * The form in which vendors' code points are compared: four digits or more (Twemoji writes `31-20e3`, the others
 * `0031-20e3`), no presentation selector (some write it, some do not).
 */
export function codePoints(hexcode: string): string {
  return hexcode
    .toLowerCase()
    .split('-')
    .map((code) => code.padStart(4, '0'))
    .filter((code) => code !== 'fe0f')
    .join('-');
}

/**
 * A number in [0, 1) that depends on the label's letters alone, so that a concept keeps its side of the split
 * whatever else is in the corpus, and equal labels are always on one side.
 * @param purpose Draws for different purposes are independent.
 */
export function fractionOf(label: string, purpose: string): number {
  const digest = createHash('sha256').update(`${purpose}:${label.toLowerCase()}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/**
 * What a label is about, without who does it and which way they face: "man guard", "woman guard" and "guard" are drawn
 * almost alike, and so are all families, so that one of them on the other side of the split would give the rest away.
 */
export function baseOf(label: string): string {
  return label
    .replace(/: facing right$/, '')
    .replace(/^(family|kiss|couple with heart): .*$/, '$1')
    .replace(/^(man|woman|person|men|women|people)(:| in| with)? /, '');
}

function asciiQuotes(text: string): string {
  return text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"');
}
