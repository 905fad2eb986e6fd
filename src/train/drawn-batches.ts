import type { DataKind } from '../config/recipe.js';
import { DocumentSet } from '../data/document-set.js';
import { DRAWN_KINDS, type Drawn } from '../data/drawn.js';
import { EncodedDocuments } from '../data/encoded-documents.js';
import { addSequences, type DrawnSequence, Mixture, type MixtureRecipe, sharesOf } from '../data/mixture.js';
import { type Packed, pack, type Room } from '../data/packing.js';
import type { Tokenizer } from '../data/tokenizer/index.js';

/** Settings of a training on text alone, but for its sources. */
export const TEXT_ALONE = {
  caption: 0,
  interleaved: 0,
  text: 1,
  question: 0,
  vecap: 0,
  caption_from: [],
  interleaved_from: [],
  question_from: [],
} as const;

/** How a step's sequences are drawn and divided. */
export interface DrawSettings {
  readonly seed: number;
  /** Sequences a step. */
  readonly batch: number;
  /** Equal parts of a step. */
  readonly accumulate: number;
}

/** Shares that the recipe asks for, amounts of a training by kind, and sequences by source. */
type DrawnSummary = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A training's sequences, step by step. */
export interface DrawnBatches {
  /** One part of a step's sequences, packed; pictures by their ids. */
  packed(step: number, part: number): Packed<string>;
  /** What a checkpoint keeps of the data, and how a training that goes on takes it back. */
  readonly source: {
    readonly data: (step: number) => unknown;
    readonly restore: (data: unknown, step: number) => void;
  };
  /** What was drawn in all of a training's steps. */
  summary(steps: number): DrawnSummary;
  close(): void;
}

/**
 * Draws a training's sequences from corpora, and counts what was drawn.
 * @param corpora folder of the corpus of each kind that is drawn
 * @throws Mm1Error E_DATA where a kind has no document, E_CORPUS where a folder is damaged
 */
export function drawnBatches(
  corpora: Readonly<Partial<Record<DataKind, string>>>,
  tokenizer: Tokenizer,
  recipe: MixtureRecipe,
  room: Room,
  { seed, batch, accumulate }: DrawSettings,
): DrawnBatches {
  const sets = Object.entries(corpora).map(([kind, folder]) => [kind, new DocumentSet(folder)] as const);
  const documents = Object.fromEntries(sets.map(([kind, set]) => [kind, new EncodedDocuments(set, tokenizer)]));
  const mixture = new Mixture(documents, recipe, room);
  const size = batch / accumulate;
  /** What was drawn up to each step; a step's sequences are drawn before the step before it has ended. */
  const drawnUpTo = new Map<number, Drawn>([[0, {}]]);
  const drawnBefore = (step: number): Drawn => {
    const drawn = drawnUpTo.get(step);
    if (!drawn) throw new Error(`what was drawn before step ${step} is not known`);
    return drawn;
  };
  let latest: { readonly step: number; readonly sequences: readonly DrawnSequence[] } = { step: -1, sequences: [] };
  return {
    packed(step, part) {
      if (latest.step !== step) {
        const sequences = mixture.sequences(seed, step, batch);
        latest = { step, sequences };
        drawnUpTo.set(step + 1, addSequences(drawnBefore(step), sequences));
        drawnUpTo.delete(step - 2);
      }
      return pack(latest.sequences.slice(part * size, (part + 1) * size), room, tokenizer.pad);
    },
    source: {
      data: drawnBefore,
      restore: (data, step) => drawnUpTo.set(step, data as Drawn),
    },
    summary: (steps) => ({ 'sequences asked': sharesOf(recipe), ...summaryOf(drawnBefore(steps)) }),
    close() {
      for (const [, set] of sets) set.close();
    },
  };
}

function summaryOf(drawn: Drawn): DrawnSummary {
  const entries = Object.entries(drawn);
  const kinds = DRAWN_KINDS.filter((kind) => entries.some(([name]) => name.startsWith(`${kind} `)));
  const total = (what: 'sequences' | 'tokens' | 'pictures') =>
    Object.fromEntries(
      kinds.map((kind) => [
        kind,
        entries.filter(([name]) => name.startsWith(`${kind} `)).reduce((sum, [, amount]) => sum + amount[what], 0),
      ]),
    );
  return {
    'sequences drawn': total('sequences'),
    'text tokens drawn': total('tokens'),
    'pictures drawn': total('pictures'),
    'sequences by source': Object.fromEntries(entries.map(([name, { sequences }]) => [name, sequences])),
  };
}
