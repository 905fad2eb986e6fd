import type { Tokenizer } from '../../data/tokenizer/index.js';
import type { ClipBatch } from '../../model/clip.js';
import type { Arrays } from './arrays.js';

/**
 * Texts as token ids, each with its end; rows that are left over hold nothing.
 * @param rows how many there are to be
 * @param tokens room of a text, its end included: a longer one is cut
 */
export function encodeTexts(
  texts: readonly string[],
  rows: number,
  tokens: number,
  tokenizer: Tokenizer,
): Arrays<Pick<ClipBatch, 'ids' | 'ends'>> {
  const ids = new Int32Array(rows * tokens).fill(tokenizer.pad);
  const ends = new Int32Array(rows);
  texts.forEach((text, row) => {
    const encoded = tokenizer.encode(` ${text}`).slice(0, tokens - 1);
    ids.set([...encoded, tokenizer.endOfText], row * tokens);
    ends[row] = encoded.length;
  });
  return { ids: { values: ids, shape: [rows, tokens] }, ends: { values: ends, shape: [rows] } };
}

/**
 * Room that the longest of some texts needs, in tokens, its end included.
 * @param most more is not asked for: longer texts are cut
 */
export function roomFor(texts: Iterable<string>, most: number, tokenizer: Tokenizer): number {
  let room = 1;
  const known = new Set<string>();
  for (const text of texts) {
    if (known.has(text)) continue;
    known.add(text);
    room = Math.max(room, tokenizer.encode(` ${text}`).length + 1);
    if (room >= most) return most;
  }
  return room;
}
