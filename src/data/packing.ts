/** A stretch of an example: a picture, or text. */
export type Piece<Image = number> =
  /** A picture, by whatever its set knows it by. */
  | { readonly image: Image }
  /** Token ids; `counted` where the loss falls on them. */
  | { readonly tokens: readonly number[]; readonly counted: boolean };

/** Examples that have something in common: a picture with all that is asked about it, or one document alone. */
export interface Group<Image = number> {
  /** Pictures and text that every example of the group sees. */
  readonly shared: readonly Piece<Image>[];
  readonly examples: readonly (readonly Piece<Image>[])[];
}

/** Groups that stand behind each other in one sequence, and do not see each other. */
export interface Sequence<Image = number> {
  readonly groups: readonly Group<Image>[];
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

/** Segment of a token that every later token of its group may see: a picture that is asked about. */
export const SHARED_SEGMENT = 0;
/** Segment and group of padding. */
export const PADDING = -1;

/**
 * Packed sequences. Text and visual tokens lie in one table, text first, and `from` says which of its rows stands at each
 * position: [sequences, length] row-major, `length` = room.text + room.images x room.slots.
 */
export interface Packed<Image = number> {
  readonly sequences: number;
  readonly length: number;
  /** Text tokens, [sequences x room.text]. */
  readonly ids: Int32Array;
  /** The picture of each place for one, or null, [sequences x room.images]. */
  readonly images: readonly (Image | null)[];
  /** Row of the table at each position, [sequences x length]. */
  readonly from: Int32Array;
  /** Position of each row of the table, or sequences x length where it stands nowhere. */
  readonly to: Int32Array;
  /** Place of each token's group in its sequence, from 0, or -1 for padding, [sequences x length]. */
  readonly groups: Int32Array;
  /** 0 what is shared in a group, from 1 its examples, -1 padding, [sequences x length]. */
  readonly segments: Int32Array;
  readonly positions: Int32Array;
  /** Positions whose next token counts, in order, then padding: [reads], one of READ_SHARES of all text. */
  readonly reads: Int32Array;
  /** Place of each position among the reads, or their number where it is none of them, [sequences x length]. */
  readonly readAt: Int32Array;
  /** Token that should follow each read, [reads]. */
  readonly targets: Int32Array;
  /** 1 for a read, 0 for padding, [reads]. */
  readonly counted: Float32Array;
}

/** Reads are padded to one of these shares of all text tokens, so that few shapes are ever seen: each is compiled anew. */
export const READ_SHARES = [1 / 4, 1 / 2, 1];

type Token<Image> =
  | { readonly id: number; readonly counted: boolean }
  | { readonly image: Image; readonly slot: number };

function spell<Image>(pieces: readonly Piece<Image>[], slots: number): Token<Image>[] {
  return pieces.flatMap((piece): Token<Image>[] =>
    'image' in piece
      ? Array.from({ length: slots }, (_, slot) => ({ image: piece.image, slot }))
      : piece.tokens.map((id) => ({ id, counted: piece.counted })),
  );
}

/** What some pieces or groups take of a sequence's room. */
export interface Size {
  /** Text tokens. */
  readonly text: number;
  readonly images: number;
}

/**
 * Room that a group takes. Nothing is saved where an example's last token, which predicts nothing, is left out: a group
 * that fits by this measure fits.
 */
export function sizeOf<Image>({ shared, examples }: Group<Image>): Size {
  const pieces = [...shared, ...examples.flat()];
  return {
    text: pieces.reduce((total, piece) => total + ('tokens' in piece ? piece.tokens.length : 0), 0),
    images: pieces.filter((piece) => 'image' in piece).length,
  };
}

/**
 * Packs sequences to one length. Each token predicts the one after it in its own example, and an example's last token,
 * which predicts nothing, is left out. Every group's positions start at 0 and every example's go on from the end of what
 * its group shares, so that an example reads the same wherever it was packed.
 * @param padding token id of padding
 * @throws Error if a sequence's groups find no room: a bug of whoever drew the sequence
 */
export function pack<Image>(sequences: readonly Sequence<Image>[], room: Room, padding: number): Packed<Image> {
  const length = room.text + room.images * room.slots;
  const texts = sequences.length * room.text;
  const total = sequences.length * length;
  const ids = new Int32Array(texts).fill(padding);
  const images = new Array<Image | null>(sequences.length * room.images).fill(null);
  const from = new Int32Array(total);
  const to = new Int32Array(texts + images.length * room.slots).fill(total);
  const groups = new Int32Array(total).fill(PADDING);
  const segments = new Int32Array(total).fill(PADDING);
  const positions = new Int32Array(total);
  const reads: { at: number; target: number }[] = [];

  sequences.forEach((sequence, row) => {
    let at = row * length;
    let text = row * room.text;
    let image = row * room.images - 1;
    const place = (tokens: readonly Token<Image>[], group: number, segment: number, start: number) => {
      tokens.forEach((token, i) => {
        if ('id' in token) {
          if (text === (row + 1) * room.text) throw new Error('the text of a sequence finds no room in it');
          ids[text] = token.id;
          from[at] = text++;
        } else {
          if (token.slot === 0) images[++image] = token.image;
          if (image === (row + 1) * room.images) throw new Error('the pictures of a sequence find no room in it');
          from[at] = texts + image * room.slots + token.slot;
        }
        to[from[at]!] = at;
        groups[at] = group;
        segments[at] = segment;
        positions[at] = start + i;
        at++;
      });
    };
    sequence.groups.forEach(({ shared, examples }, group) => {
      const common = spell(shared, room.slots);
      place(common, group, SHARED_SEGMENT, 0);
      examples.forEach((pieces, example) => {
        const tokens = spell(pieces, room.slots);
        // The last shared token predicts what an example starts with, which differs between examples: none reads it.
        const read = tokens.slice(0, -1);
        const first = at;
        place(read, group, example + 1, common.length);
        read.forEach((_, i) => {
          const next = tokens[i + 1]!;
          if ('id' in next && next.counted) reads.push({ at: first + i, target: next.id });
        });
      });
    });
  });

  // No text token is predicted twice.
  const size = READ_SHARES.map((share) => Math.ceil(share * texts)).find((count) => count >= reads.length)!;
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
    groups,
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
  };
}
