import type { Packed } from '../../data/packing.js';
import type { LanguageBatch } from '../../model/multimodal.js';
import type { Arrays } from './arrays.js';
import type { BatchSource } from './batch-source.js';
import { type DrawnBatchSettings, drawnBatches } from './drawn-batches.js';

/**
 * Sequences of text alone; remembers how much it drew.
 * @throws Mm1Error as drawnBatches does
 */
export async function openLanguage(settings: DrawnBatchSettings): Promise<BatchSource<LanguageBatch>> {
  const { next, restore, close } = drawnBatches(settings);
  return {
    facts: {},
    async make(step, part) {
      const { packed, drawn } = next(step, part);
      return { arrays: languageArrays(packed), data: drawn };
    },
    restore,
    close,
  };
}

/** Packed sequences as the language model takes them. */
export function languageArrays(packed: Packed<unknown>): Arrays<LanguageBatch> {
  const list = (values: Int32Array | Float32Array) => ({ values, shape: [values.length] as [number] });
  const rows = (values: Int32Array) => ({ values, shape: [packed.sequences, packed.length] as [number, number] });
  return {
    ids: list(packed.ids),
    from: list(packed.from),
    to: list(packed.to),
    groups: rows(packed.groups),
    segments: rows(packed.segments),
    positions: rows(packed.positions),
    reads: list(packed.reads),
    readAt: list(packed.readAt),
    targets: list(packed.targets),
    counted: list(packed.counted),
  };
}
