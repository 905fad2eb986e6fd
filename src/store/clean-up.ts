import type { CacheEntry, StageCache } from './cache.js';
import type { Store } from './store.js';

/** What was removed of a cache, and what stayed. */
export interface CleanUp {
  readonly removed: readonly CacheEntry[];
  readonly kept: readonly CacheEntry[];
  /** Of what stayed: keys of entries that a process uses. */
  readonly used: ReadonlySet<string>;
}

/**
 * Removes the entries of the cache that were used longest ago, until the others take no more than so many bytes. What a
 * process uses is never removed.
 * @param dry only says what would be removed
 */
export function cleanUp(store: Store, cache: StageCache, keepBytes: number, dry: boolean): CleanUp {
  return store.whileUnused((used) => {
    const entries = cache.entries();
    const removed: CacheEntry[] = [];
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of entries) {
      if (bytes <= keepBytes) break;
      if (used.has(entry.key)) continue;
      if (!dry) cache.remove(entry.key);
      removed.push(entry);
      bytes -= entry.bytes;
    }
    return { removed, kept: entries.filter((entry) => !removed.includes(entry)), used };
  });
}
