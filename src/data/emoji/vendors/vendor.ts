import type { Concept } from '../concepts.js';

/** SVG text of one drawing; read from disk when it is called. */
export type Drawing = () => string;

/** An artist or a house that drew emoji in one style. */
export interface Vendor {
  /** Name in pictures' ids and in tables. */
  readonly name: string;
  /** Package that the drawings come from. */
  readonly package: string;
  /** SPDX identifier of the drawings' licence. */
  readonly licence: string;
  /** Held out: never trained on. */
  readonly heldOut: boolean;
  /** The drawings that this vendor has of the concepts, by concept id. */
  drawings(concepts: readonly Concept[]): Map<string, Drawing>;
}
