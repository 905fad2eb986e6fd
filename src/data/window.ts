import type { Random } from '../random.js';
import { type Group, type Piece, type Size, sizeOf } from './packing.js';

/** Whether something of a size has room. */
export function fits(size: Size, room: Size): boolean {
  return size.text <= room.text && size.images <= room.images;
}

/** Where a group may be cut that has no room as it is. */
export interface Cutting {
  /** Whole examples may be left out, but nothing is cut: the sequence had better end before it. */
  readonly whole: boolean;
  /** Draws where the part that is kept starts; null: at its start. */
  readonly anywhere: Random | null;
}

/**
 * What there is room for of a group: all of it, as many of its examples as there is room for, or a part of its first one.
 * @returns null where nothing of it may stand there
 */
export function fitGroup<Image>(group: Group<Image>, room: Size, cutting: Cutting): Group<Image> | null {
  for (let examples = group.examples.length; examples > 0; examples--) {
    const shorter = { shared: group.shared, examples: group.examples.slice(0, examples) };
    if (fits(sizeOf(shorter), room)) return shorter;
  }
  const [first] = group.examples;
  const shared = sizeOf({ shared: group.shared, examples: [] });
  if (cutting.whole || !first || !fits(shared, room)) return null;
  const left = { text: room.text - shared.text, images: room.images - shared.images };
  const example = cutExample(first, left, cutting.anywhere);
  return example.length > 0 ? { shared: group.shared, examples: [example] } : null;
}

/**
 * The part of an example that a room can hold, from its start or from a place drawn at random. A document with pictures
 * starts at its start or with a picture; it never ends with one, of which nothing would be said.
 */
function cutExample<Image>(pieces: readonly Piece<Image>[], room: Size, stream: Random | null): Piece<Image>[] {
  const kept: Piece<Image>[] = [];
  let { text, images } = room;
  for (const piece of stream ? startAnywhere(pieces, room, stream) : pieces) {
    if ('image' in piece) {
      if (images === 0) break;
      images--;
      kept.push(piece);
    } else {
      const tokens = piece.tokens.slice(0, text);
      if (tokens.length > 0) kept.push({ ...piece, tokens });
      text -= tokens.length;
    }
  }
  while (kept.length > 0 && 'image' in kept[kept.length - 1]!) kept.pop();
  return kept;
}

/** An example from a place on that leaves the room as full as it can be. */
function startAnywhere<Image>(pieces: readonly Piece<Image>[], room: Size, stream: Random): readonly Piece<Image>[] {
  const pictures = pieces.flatMap((piece, i) => ('image' in piece ? [i] : []));
  if (pictures.length > 0) {
    const start = stream.below(Math.max(0, pictures.length - room.images) + 1);
    return start === 0 ? pieces : pieces.slice(pictures[start]!);
  }
  const [piece] = pieces;
  if (pieces.length !== 1 || !piece || !('tokens' in piece)) throw new Error('a text is one piece');
  const start = stream.below(Math.max(0, piece.tokens.length - room.text) + 1);
  return [{ ...piece, tokens: piece.tokens.slice(start) }];
}
