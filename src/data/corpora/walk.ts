import type { Source, SourceDocument } from '../sources/source.js';

/** What a walk tells of the documents that it looks at. */
export interface Count {
  /** One more was looked at. */
  seen(): void;
  /** The last one is left out. */
  skip(reason: string): void;
}

/** A source made of a function that walks through its documents; each walk counts from nothing. */
export function walkedSource(
  name: string,
  licence: string,
  walk: (count: Count) => Iterable<SourceDocument> | AsyncIterable<SourceDocument>,
): Source {
  let seen = 0;
  let skipped: Record<string, number> = {};
  return {
    name,
    licence,
    async *documents() {
      seen = 0;
      skipped = {};
      yield* walk({
        seen: () => {
          seen++;
        },
        skip: (reason) => {
          skipped[reason] = (skipped[reason] ?? 0) + 1;
        },
      });
    },
    tally: () => ({ seen, skipped: { ...skipped } }),
  };
}
