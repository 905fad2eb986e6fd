/** A picture of a source, decoded only when its pixels are asked for. */
export interface SourceImage {
  /** The same in every run. */
  readonly id: string;
  /**
   * The picture as CLIP's processor shapes it: the shorter side resized (bicubic), the centre cut out.
   * @param side in pixels
   * @returns RGB, [side, side, 3]
   * @throws Mm1Error E_IMAGE where it cannot be decoded
   */
  pixels(side: number): Promise<Uint8Array>;
}

/** A part of a picture and the words that name what it shows. */
export interface NamedPart {
  /** In shares of the picture's side, from 0 to 1: top, left, height, width. */
  readonly box: readonly [number, number, number, number];
  readonly phrase: string;
}

/** A picture with texts that say what it shows. */
export interface CaptionDocument {
  readonly kind: 'caption';
  readonly id: string;
  readonly image: SourceImage;
  /** As the web has them: short, and now and then wrong. */
  readonly alt: readonly string[];
  /** Rewritten to name what is visible (VeCap; Lai et al., 2023); none where nobody did. */
  readonly rewritten: readonly string[];
  /** Parts whose phrase is known, where somebody told. */
  readonly parts?: readonly NamedPart[];
}

/** A question about a picture. */
export interface QuestionDocument {
  readonly kind: 'question';
  readonly id: string;
  readonly image: SourceImage;
  readonly question: string;
  /** What people answered; the first is trained on. */
  readonly answers: readonly string[];
}

/** Text and pictures in reading order (OBELICS; Laurençon et al., 2023). */
export interface InterleavedDocument {
  readonly kind: 'interleaved';
  readonly id: string;
  readonly pieces: readonly ({ readonly text: string } | { readonly image: SourceImage })[];
}

/** Text alone. */
export interface TextDocument {
  readonly kind: 'text';
  readonly id: string;
  readonly text: string;
}

export type SourceDocument = CaptionDocument | QuestionDocument | InterleavedDocument | TextDocument;

/** Documents that were left out, by the reason, and how many were looked at. */
export interface Tally {
  readonly seen: number;
  readonly skipped: Readonly<Record<string, number>>;
}

/** Something that gives documents. */
export interface Source {
  readonly name: string;
  /** As its owner names it: "Apache-2.0"; "the user's own" for files that a grid points to. */
  readonly licence: string;
  /** The documents, one after another, always in the same order; nothing is kept in memory that was given. */
  documents(): AsyncIterable<SourceDocument>;
  /** What the walk so far has left out. */
  tally(): Tally;
}
