/**
 * Means of answers that vary for two reasons at once: another seed would have trained another model, and other items would have
 * asked it something else. Every seed answers the same items (crossed), and items about one concept stand or fall together
 * (clustered).
 * @module
 */
import { mean, variance } from './descriptive.js';
import { type Part, pooled, type Spread } from './spread.js';

/** What each seed scored, and its answers. */
export interface Sample {
  /** One a seed. */
  readonly values: readonly number[];
  /** [seeds][tasks][items] each item's value, in one order for all seeds; nothing of a task whose items are not known. */
  readonly answers: readonly (readonly Float64Array[])[];
  /** [tasks] the concept of each item. */
  readonly concepts: readonly Concepts[];
  /** What seeds bring to the variance of the mean, where more is known of it than these values say. */
  readonly seedParts?: readonly Part[] | undefined;
}

/** Which concept each item is about, as whole numbers from 0. */
export interface Concepts {
  readonly of: Int32Array;
  readonly count: number;
}

/** Numbers concepts in the order of their first item. */
export function conceptsOf(names: readonly string[]): Concepts {
  const places = new Map<string, number>();
  const of = Int32Array.from(names, (name) => {
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    return place;
  });
  return { of, count: places.size };
}

/**
 * The spread of a sample's mean over seeds and items, of several tasks the unweighted mean. With y(s, c) what seed s scores on
 * concept c, seeds and concepts both drawn at random,
 *
 *   Var(mean) = var(seeds)/S + var(concepts)/C + var(rest)/(S C) = (MS(seeds) + MS(concepts) - MS(rest)) / (S C)
 *
 * by the mean squares of a two-way layout without replication (Searle, Casella and McCulloch, 1992, section 4.6; for language
 * tests: Clark, 1973). The rest is in both mean squares and counts once: the share (1 + sqrt(MS(rest)/MS(concepts)))/2 of it with
 * the seeds, all of it where concepts bring nothing of their own, and what is left with the concepts. That share is mm1's own: of
 * those that were tried it kept intervals and small p values closest to what they promise with three to five seeds
 * (bench/coverage.mjs). No part is taken below 0. Tasks have items of their own, and seeds in common. A concept with more items
 * weighs more: its mean is linearised about the sample's.
 *
 * @returns null where there is neither a second seed nor a second concept in every task
 */
export function spreadOf({ values, answers, concepts, seedParts }: Sample): Spread | null {
  const seeds = values.length;
  const known =
    concepts.length > 0 && concepts.every(({ count }, t) => count > 1 && answers.every((a) => a[t]!.length > 0));
  const own = seeds > 1 ? [{ variance: variance(values) / seeds, degrees: seeds - 1 }] : null;
  const ofSeeds = seedParts ?? own;
  if (!known) return ofSeeds && { kind: 'seeds', parts: ofSeeds };
  const layouts = concepts.map((own, t) =>
    layoutOf(
      answers.map((seed) => seed[t]!),
      own,
    ),
  );
  const share = (part: number) => part / concepts.length ** 2;
  const ofConcepts = pooled(
    layouts.map((layout, t) => ({ variance: share(layout.concepts), degrees: concepts[t]!.count - 1 })),
  );
  if (ofSeeds === null) return { kind: 'items', parts: [ofConcepts] };
  const rest = share(layouts.reduce((sum, layout) => sum + layout.rest, 0));
  const withSeeds = rest === 0 ? 0 : (1 + Math.sqrt(Math.min(1, rest / ofConcepts.variance))) / 2;
  const whole = ofSeeds.reduce((sum, part) => sum + part.variance, 0);
  const kept = whole === 0 ? 0 : Math.max(0, 1 - (rest * (1 - withSeeds)) / whole);
  return {
    kind: 'seeds and items',
    parts: [
      ...ofSeeds.map((part) => ({ variance: kept * part.variance, degrees: part.degrees })),
      { variance: Math.max(0, ofConcepts.variance - rest * withSeeds), degrees: ofConcepts.degrees },
    ],
  };
}

/** Of one task, the variance of its mean that concepts bring, and the rest: MS(concepts)/(S C) and MS(rest)/(S C). */
function layoutOf(answers: readonly Float64Array[], { of, count }: Concepts): { concepts: number; rest: number } {
  const seeds = answers.length;
  const items = of.length;
  const centre = mean(answers.map(mean));
  const scale = count / items;
  const conceptMeans = new Float64Array(count);
  const cells = answers.map((values) => {
    const own = new Float64Array(count);
    for (let i = 0; i < items; i++) own[of[i]!]! += values[i]! - centre;
    for (let c = 0; c < count; c++) {
      own[c]! *= scale;
      conceptMeans[c]! += own[c]! / seeds;
    }
    return own;
  });
  const concepts = variance(conceptMeans) / count;
  if (seeds === 1) return { concepts, rest: 0 };
  const whole = mean(conceptMeans);
  let rest = 0;
  for (const cell of cells) {
    const seed = mean(cell) - whole;
    for (let c = 0; c < count; c++) {
      const left = cell[c]! - conceptMeans[c]! - seed;
      rest += left * left;
    }
  }
  return { concepts, rest: rest / ((seeds - 1) * (count - 1)) / (seeds * count) };
}

/** What one sample has more than another, seed by seed and item by item. @param b of the same seeds, tasks and items */
export function difference(a: Sample, b: Sample): Sample {
  return {
    values: a.values.map((value, s) => value - b.values[s]!),
    answers: a.answers.map((tasks, s) =>
      tasks.map((values, t) => {
        const others = b.answers[s]![t]!;
        if (others.length !== values.length) return new Float64Array();
        const more = new Float64Array(values.length);
        for (let i = 0; i < more.length; i++) more[i] = values[i]! - others[i]!;
        return more;
      }),
    ),
    concepts: a.concepts,
  };
}
