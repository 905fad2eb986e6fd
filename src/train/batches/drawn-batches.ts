import type { DataKind } from '../../config/recipe.js';
import { DocumentSet } from '../../data/document-set.js';
import type { Drawn } from '../../data/drawn.js';
import { EncodedDocuments } from '../../data/encoded-documents.js';
import { addSequences, type DrawnSequence, Mixture, type MixtureRecipe } from '../../data/mixture.js';
import { type Packed, pack, type Room } from '../../data/packing.js';
import { loadTokenizer } from '../../data/tokenizer/index.js';

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

/** What a training's sequences are drawn from, how, and how they are divided. */
export interface DrawnBatchSettings {
  /** Folder of the corpus of each kind that is drawn. */
  readonly corpora: Readonly<Partial<Record<DataKind, string>>>;
  /** File of the tokenizer; the built-in one if left out. */
  readonly tokenizer?: string;
  readonly recipe: MixtureRecipe;
  readonly room: Room;
  readonly seed: number;
  /** Sequences a step. */
  readonly batch: number;
  /** Equal parts of a step. */
  readonly accumulate: number;
}

/** A training's sequences, step by step. */
export interface DrawnBatches {
  /** One part of a step's sequences, packed, pictures by their ids; and what was drawn up to the end of that step. */
  next(step: number, part: number): { readonly packed: Packed<string>; readonly drawn: Drawn };
  /** Goes on from what was drawn before. */
  restore(drawn: unknown): void;
  close(): Promise<void>;
}

/**
 * Draws a training's sequences from corpora, and counts what was drawn.
 * @throws Mm1Error E_DATA where a kind has no document, E_CORPUS where a folder is damaged, E_TOKENIZER
 */
export function drawnBatches(settings: DrawnBatchSettings): DrawnBatches {
  const { corpora, recipe, room, seed, batch, accumulate } = settings;
  const tokenizer = loadTokenizer(settings.tokenizer);
  const sets = Object.entries(corpora).map(([kind, folder]) => [kind, new DocumentSet(folder)] as const);
  const documents = Object.fromEntries(sets.map(([kind, set]) => [kind, new EncodedDocuments(set, tokenizer)]));
  const mixture = new Mixture(documents, recipe, room);
  const size = batch / accumulate;
  let drawn: Drawn = {};
  let latest: { readonly step: number; readonly sequences: readonly DrawnSequence[] } = { step: -1, sequences: [] };
  return {
    next(step, part) {
      if (latest.step !== step) {
        latest = { step, sequences: mixture.sequences(seed, step, batch) };
        drawn = addSequences(drawn, latest.sequences);
      }
      const sequences = latest.sequences.slice(part * size, (part + 1) * size);
      return { packed: pack(sequences, room, tokenizer.pad), drawn };
    },
    restore(before) {
      drawn = before as Drawn;
    },
    async close() {
      for (const [, set] of sets) set.close();
    },
  };
}
