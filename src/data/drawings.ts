import type { Random } from '../random.js';
import { type Concept, captionOf } from './emoji/corpus.js';

/** Pictures of concepts, decoded. */
export interface Drawings {
  /** RGB, [n, resolution, resolution, 3] */
  readonly pixels: Uint8Array;
  readonly resolution: number;
  /** The pictures of each concept, by their place in `pixels`. */
  readonly drawings: readonly { readonly concept: Concept; readonly pictures: readonly number[] }[];
}

/** Tags that stand behind a name in a caption. */
const TAGS = 3;

/** A concept's name and a few of its tags, drawn anew each time: "red apple, fruit, red". */
export function taggedCaption(concept: Concept, stream: Random): string {
  const order = stream.permutation(concept.tags.length).subarray(0, TAGS);
  return [captionOf(concept), ...Array.from(order, (i) => concept.tags[i]!)].join(', ');
}
