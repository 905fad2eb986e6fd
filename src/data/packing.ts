/** An example as token ids. */
export interface EncodedExample {
  readonly kind: 'caption' | 'question';
  readonly prompt: readonly number[];
  /** Ends with the end of text. */
  readonly answer: readonly number[];
}

/** One sequence: what its examples share, and the examples. */
export interface Sequence {
  /** Position of the sequence's picture in its set; none for text alone. */
  readonly image: number | null;
  /** Tokens that every example of the sequence sees. */
  readonly context: readonly number[];
  readonly examples: readonly EncodedExample[];
}

/** Text of packed sequences, each array [sequences, length] row-major. */
export interface PackedText {
  readonly length: number;
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  /** 1 where a target counts. */
  readonly counted: Float32Array;
  /** 0 what is shared, from 1 the examples, -1 padding. */
  readonly segments: Int32Array;
  readonly positions: Int32Array;
  /** Examples that found no room, a count. */
  readonly dropped: number;
}

/**
 * Packs sequences to one length. Each token predicts the one after it in its own example; every example's positions go
 * on from the end of what is shared, so that an example reads the same wherever it was packed.
 */
export function pack(sequences: readonly Sequence[], length: number, padding: number): PackedText {
  const size = sequences.length * length;
  const ids = new Int32Array(size).fill(padding);
  const targets = new Int32Array(size).fill(padding);
  const counted = new Float32Array(size);
  const segments = new Int32Array(size).fill(-1);
  const positions = new Int32Array(size);
  let dropped = 0;
  sequences.forEach(({ context, examples }, row) => {
    let at = row * length;
    const end = at + length;
    for (const [i, token] of context.slice(0, length).entries()) {
      ids[at] = token;
      segments[at] = 0;
      positions[at++] = i;
    }
    examples.forEach(({ prompt, answer }, example) => {
      const tokens = [...prompt, ...answer];
      if (at + tokens.length - 1 > end) {
        dropped++;
        return;
      }
      for (let i = 0; i + 1 < tokens.length; i++, at++) {
        ids[at] = tokens[i]!;
        targets[at] = tokens[i + 1]!;
        counted[at] = i + 1 >= prompt.length ? 1 : 0;
        segments[at] = example + 1;
        positions[at] = context.length + i;
      }
    });
  });
  return { length, ids, targets, counted, segments, positions, dropped };
}
