/** A stretch of an example: a picture, or text. */
export type Piece =
  /** Position of a picture in its set. */
  | { readonly image: number }
  /** Token ids; `counted` where the loss falls on them. */
  | { readonly tokens: readonly number[]; readonly counted: boolean };

/** An example as token ids and pictures. */
export interface EncodedExample {
  readonly kind: 'caption' | 'question';
  /** What is asked, and what should follow it: the last piece ends with the end of text. */
  readonly pieces: readonly Piece[];
}

/** One sequence: what its examples share, and the examples. */
export interface Sequence {
  /** Pictures and text that every example of the sequence sees. */
  readonly shared: readonly Piece[];
  readonly examples: readonly EncodedExample[];
}

/** What one packed sequence has room for. */
export interface Room {
  /** Text tokens. */
  readonly text: number;
  /** Pictures (MM1: at most 16, section 3.3). */
  readonly images: number;
  /** Visual tokens of a picture. */
  readonly slots: number;
}

/** Segment of a token that every later token of its sequence may see: pictures and the context of a text. */
export const SHARED_SEGMENT = 0;
/** Segment of padding. */
export const PADDING_SEGMENT = -1;

/**
 * Packed sequences. Text and visual tokens lie in one table, text first, and `from` says which of its rows stands at each
 * position: [sequences, length] row-major, `length` = room.text + room.images x room.slots.
 */
export interface Packed {
  readonly sequences: number;
  readonly length: number;
  /** Text tokens, [sequences x room.text]. */
  readonly ids: Int32Array;
  /** The picture of each place for one, or null, [sequences x room.images]. */
  readonly images: readonly (number | null)[];
  /** Row of the table at each position, [sequences x length]. */
  readonly from: Int32Array;
  /** Position of each row of the table, or sequences x length where it stands nowhere. */
  readonly to: Int32Array;
  /** 0 what is shared, from 1 the examples, -1 padding, [sequences x length]. */
  readonly segments: Int32Array;
  readonly positions: Int32Array;
  /** Positions whose next token counts, in order, then padding: [reads], a multiple of READS. */
  readonly reads: Int32Array;
  /** Place of each position among the reads, or their number where it is none of them, [sequences x length]. */
  readonly readAt: Int32Array;
  /** Token that should follow each read, [reads]. */
  readonly targets: Int32Array;
  /** 1 for a read, 0 for padding, [reads]. */
  readonly counted: Float32Array;
  /** Examples that found no room, a count. */
  readonly dropped: number;
}

/** Reads come in multiples of this, so that few shapes are ever seen. */
export const READS = 128;

type Token = { readonly id: number; readonly counted: boolean } | { readonly image: number; readonly slot: number };

function spell(pieces: readonly Piece[], slots: number): Token[] {
  return pieces.flatMap((piece): Token[] =>
    'image' in piece
      ? Array.from({ length: slots }, (_, slot) => ({ image: piece.image, slot }))
      : piece.tokens.map((id) => ({ id, counted: piece.counted })),
  );
}

/** Text tokens and pictures that some tokens take. */
function measure(tokens: readonly Token[]): { text: number; images: number } {
  const text = tokens.filter((token) => 'id' in token).length;
  return { text, images: tokens.filter((token) => 'slot' in token && token.slot === 0).length };
}

/**
 * Packs sequences to one length. Each token predicts the one after it in its own example, and an example's last token,
 * which predicts nothing, is left out. Every example's positions go on from the end of what is shared, so that an example
 * reads the same wherever it was packed. An example without room is dropped whole.
 * @param padding token id of padding
 * @throws Error if what a sequence's examples share finds no room: a bug of whoever drew the sequence
 */
export function pack(sequences: readonly Sequence[], room: Room, padding: number): Packed {
  const length = room.text + room.images * room.slots;
  const texts = sequences.length * room.text;
  const total = sequences.length * length;
  const ids = new Int32Array(texts).fill(padding);
  const images = new Array<number | null>(sequences.length * room.images).fill(null);
  const from = new Int32Array(total);
  const to = new Int32Array(texts + images.length * room.slots).fill(total);
  const segments = new Int32Array(total).fill(PADDING_SEGMENT);
  const positions = new Int32Array(total);
  const reads: { at: number; target: number }[] = [];
  let dropped = 0;

  sequences.forEach(({ shared, examples }, row) => {
    let at = row * length;
    let text = row * room.text;
    let image = row * room.images - 1;
    const place = (tokens: readonly Token[], segment: number, start: number) => {
      tokens.forEach((token, i) => {
        if ('id' in token) {
          ids[text] = token.id;
          from[at] = text++;
        } else {
          if (token.slot === 0) images[++image] = token.image;
          from[at] = texts + image * room.slots + token.slot;
        }
        to[from[at]!] = at;
        segments[at] = segment;
        positions[at] = start + i;
        at++;
      });
    };
    const fits = (tokens: readonly Token[]) => {
      const taken = measure(tokens);
      return text + taken.text <= (row + 1) * room.text && image + 1 + taken.images <= (row + 1) * room.images;
    };
    const common = spell(shared, room.slots);
    if (!fits(common)) throw new Error('what the examples of a sequence share finds no room in it');
    place(common, SHARED_SEGMENT, 0);
    examples.forEach(({ pieces }, example) => {
      const tokens = spell(pieces, room.slots);
      const read = tokens.slice(0, -1);
      if (!fits(read)) {
        dropped++;
        return;
      }
      const first = at;
      place(read, example + 1, common.length);
      read.forEach((_, i) => {
        const next = tokens[i + 1]!;
        if ('id' in next && next.counted) reads.push({ at: first + i, target: next.id });
      });
    });
  });

  const size = Math.max(1, Math.ceil(reads.length / READS)) * READS;
  const readAt = new Int32Array(total).fill(size);
  reads.forEach((read, i) => {
    readAt[read.at] = i;
  });
  const padded = (values: readonly number[], fill: number) => {
    const all = new Int32Array(size).fill(fill);
    all.set(values);
    return all;
  };
  return {
    sequences: sequences.length,
    length,
    ids,
    images,
    from,
    to,
    segments,
    positions,
    reads: padded(
      reads.map((read) => read.at),
      0,
    ),
    readAt,
    targets: padded(
      reads.map((read) => read.target),
      padding,
    ),
    counted: Float32Array.from({ length: size }, (_, i) => (i < reads.length ? 1 : 0)),
    dropped,
  };
}
