import type { CacheEntry } from '../store/cache.js';
import { bytesText, since } from '../units.js';
import { clean } from './clean.js';
import { columnTable } from './layout.js';

/** What the cache holds, as a table, and its sum. */
export function renderCache(
  entries: readonly (CacheEntry & { readonly used: boolean })[],
  now: Date,
  heading: (text: string) => string,
): string {
  const rows = entries.map(({ key, title, bytes, usedAt, used }) => [
    key,
    clean(title),
    bytesText(bytes),
    used ? 'now' : since(usedAt, now),
  ]);
  const columns = [{ title: 'key' }, { title: 'stage' }, { title: 'size', align: 'right' }, { title: 'used' }] as const;
  const total = bytesText(entries.reduce((sum, { bytes }) => sum + bytes, 0));
  const sum = `${entries.length} stages, ${total}. "mm1 gc --keep 20GB" removes those that were used longest ago.\n`;
  return entries.length === 0
    ? 'The cache is empty.\n'
    : `${heading('CACHE')}\n${columnTable(columns, rows)}\n\n${sum}`;
}
