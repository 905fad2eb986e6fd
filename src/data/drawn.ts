import type { DataKind } from '../config/recipe.js';

/** What a sequence is drawn as: a kind of data, captions apart by whether they were rewritten (VeCap). */
export const DRAWN_KINDS = ['caption', 'vecap', 'interleaved', 'text', 'question'] as const;
export type DrawnKind = (typeof DRAWN_KINDS)[number];

/** Kind of data that a sequence of each is drawn from. */
export function dataKindOf(kind: DrawnKind): DataKind {
  return kind === 'vecap' ? 'caption' : kind;
}

/** How much was drawn. */
export interface Amount {
  readonly sequences: number;
  /** Text tokens that stand in them. */
  readonly tokens: number;
  readonly pictures: number;
}

/** What a training has drawn so far, by kind and source: `caption emoji`. */
export type Drawn = Readonly<Record<string, Amount>>;

/** Name that amounts are kept under. */
export function drawnName(kind: DrawnKind, source: string): string {
  return `${kind} ${source}`;
}

/** One more sequence. */
export function addDrawn(drawn: Drawn, name: string, tokens: number, pictures: number): Drawn {
  const before = drawn[name] ?? { sequences: 0, tokens: 0, pictures: 0 };
  return {
    ...drawn,
    [name]: {
      sequences: before.sequences + 1,
      tokens: before.tokens + tokens,
      pictures: before.pictures + pictures,
    },
  };
}
