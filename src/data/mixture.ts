import type { DataKind, DataRecipe, DataSource } from '../config/recipe.js';
import { Mm1Error } from '../errors.js';
import { type Random, random } from '../random.js';
import type { SourcePart } from './document-set.js';
import { addDrawn, DRAWN_KINDS, type Drawn, type DrawnKind, dataKindOf, drawnName } from './drawn.js';
import type { EncodedDocument, EncodedDocuments, LongText } from './encoded-documents.js';
import { type Group, type Sequence, type Size, sizeOf } from './packing.js';
import { fitGroup } from './window.js';

/** Examples that one picture has in a sequence at most. */
const EXAMPLES = 4;
/** Text tokens below which the rest of a sequence stays empty. */
const LEAST_TEXT = 8;

/** A sequence with what it was drawn from. */
export interface DrawnSequence extends Sequence<string> {
  readonly kind: DrawnKind;
  readonly source: string;
}

/** Settings that decide what is drawn. */
export type MixtureRecipe = Pick<DataRecipe, DataKind | 'vecap' | `${DataKind}_from`>;

/** One source as a kind draws from it. */
interface Pool {
  readonly source: string;
  readonly weight: number;
  /** Numbers of its documents that can be drawn: all of a part, or those of a list. */
  readonly count: number;
  readonly at: (place: number) => number;
}

/**
 * MM1's mixture (section 3.1): each sequence comes from one source, its kind drawn by the recipe's weights, its source by
 * the sources' weights, and is filled with documents drawn one after another, each as likely as another of its source,
 * until the next finds no room. Sequence i of a step is a pure function of (data, room, seed, step, i), so that every
 * variant sees the same examples in the same order, and a training that goes on needs to know its step alone.
 */
export class Mixture {
  readonly #documents: Readonly<Partial<Record<DataKind, EncodedDocuments>>>;
  readonly #kinds: readonly { readonly kind: DrawnKind; readonly weight: number; readonly pools: readonly Pool[] }[];
  readonly #room: Size;

  /**
   * @param documents of every kind whose weight is not 0
   * @param room of a sequence
   * @throws Mm1Error E_DATA where a kind that is to be drawn has no document
   */
  constructor(documents: Readonly<Partial<Record<DataKind, EncodedDocuments>>>, recipe: MixtureRecipe, room: Size) {
    this.#documents = documents;
    this.#room = room;
    this.#kinds = DRAWN_KINDS.filter((kind) => weightOf(kind, recipe) > 0).map((kind) => {
      const { set } = this.#of(kind);
      const pools = poolsOf(kind, recipe[`${dataKindOf(kind)}_from`], set);
      if (pools.length === 0) throw nothing(kind);
      return { kind, weight: weightOf(kind, recipe), pools };
    });
  }

  /** The sequences of one step. */
  sequences(seed: number, step: number, count: number): DrawnSequence[] {
    return Array.from({ length: count }, (_, i) => this.#sequence(random(seed, `sequence ${step} ${i}`)));
  }

  #of(kind: DrawnKind): EncodedDocuments {
    const documents = this.#documents[dataKindOf(kind)];
    if (!documents) throw new Error(`no ${kind} documents to draw from`);
    return documents;
  }

  #sequence(stream: Random): DrawnSequence {
    const { kind, pools } = byWeight(this.#kinds, stream);
    const { source, count, at } = byWeight(pools, stream);
    const groups: Group<string>[] = [];
    let left = this.#room;
    while (left.text >= LEAST_TEXT && (kind === 'text' || left.images > 0)) {
      const follows = groups.length > 0;
      const document = this.#of(kind).read(at(stream.below(count)));
      const group =
        document.kind === 'long text'
          ? { shared: [], examples: [document.from(follows ? 0 : stream.uniform(), left.text)] }
          : groupOf(document, kind, stream);
      // Text alone can be cut at the end of a sequence; of what belongs to pictures, only what no sequence could hold whole.
      const whole = follows && kind !== 'text';
      const anywhere = !follows && (document.kind === 'text' || document.kind === 'interleaved') ? stream : null;
      const fitting = fitGroup(group, left, { whole, anywhere });
      if (!fitting) break;
      groups.push(fitting);
      const taken = sizeOf(fitting);
      left = { text: left.text - taken.text, images: left.images - taken.images };
    }
    return { kind, source, groups };
  }
}

/** Adds sequences to what was drawn before them. */
export function addSequences(drawn: Drawn, sequences: readonly DrawnSequence[]): Drawn {
  return sequences.reduce((sum, { kind, source, groups }) => {
    const sizes = groups.map(sizeOf);
    const total = (what: keyof Size) => sizes.reduce((all, size) => all + size[what], 0);
    return addDrawn(sum, drawnName(kind, source), total('text'), total('images'));
  }, drawn);
}

/** Weight of what sequences are drawn as: VeCap's share is one of the captions. */
function weightOf(kind: DrawnKind, recipe: MixtureRecipe): number {
  if (kind === 'caption') return recipe.caption * (1 - recipe.vecap);
  return kind === 'vecap' ? recipe.caption * recipe.vecap : recipe[kind];
}

/** Shares of all sequences that a recipe asks for, by what they are drawn as; none for what is not drawn. */
export function sharesOf(recipe: MixtureRecipe): Partial<Record<DrawnKind, number>> {
  const drawn = DRAWN_KINDS.filter((kind) => weightOf(kind, recipe) > 0);
  const total = drawn.reduce((sum, kind) => sum + weightOf(kind, recipe), 0);
  return Object.fromEntries(drawn.map((kind) => [kind, weightOf(kind, recipe) / total]));
}

function poolsOf(kind: DrawnKind, sources: readonly DataSource[], set: EncodedDocuments['set']): Pool[] {
  return set.sources.flatMap((part, i) => {
    const weight = sources[i]!.weight;
    const pool = { source: part.name, weight, ...numbersOf(kind, part, set) };
    return pool.count > 0 && weight > 0 ? [pool] : [];
  });
}

/** Documents of a source that a kind can draw: of captions, those with a text of that kind. */
function numbersOf(
  kind: DrawnKind,
  { first, documents }: SourcePart,
  set: EncodedDocuments['set'],
): Pick<Pool, 'count' | 'at'> {
  if (dataKindOf(kind) !== 'caption') return { count: documents, at: (place) => first + place };
  const numbers = (kind === 'vecap' ? set.rewritten : set.alt).filter((n) => n >= first && n < first + documents);
  return { count: numbers.length, at: (place) => numbers[place]! };
}

function groupOf(document: Exclude<EncodedDocument, LongText>, kind: DrawnKind, stream: Random): Group<string> {
  switch (document.kind) {
    case 'caption': {
      const texts = kind === 'vecap' ? document.rewritten : document.alt;
      const image = { image: document.image };
      const [only] = texts;
      // A single caption is one example with its picture, so that its first word is asked for too.
      if (texts.length === 1 && only) return { shared: [], examples: [[image, only]] };
      return { shared: [image], examples: some(texts, stream).map((text) => [text]) };
    }
    case 'question':
      return { shared: [{ image: document.image }], examples: some(document.examples, stream) };
    default:
      return { shared: [], examples: [document.pieces] };
  }
}

/** At most EXAMPLES of a list, in random order. */
function some<Item>(list: readonly Item[], stream: Random): Item[] {
  return Array.from(stream.permutation(list.length).subarray(0, EXAMPLES), (i) => list[i]!);
}

function byWeight<Item extends { readonly weight: number }>(items: readonly Item[], stream: Random): Item {
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  let left = stream.uniform() * total;
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  return items[items.length - 1]!;
}

function nothing(kind: DrawnKind): Mm1Error {
  return new Mm1Error(
    kind === 'vecap'
      ? 'data.vecap asks for rewritten captions, and no source of captions has any'
      : `data.${kind} asks for sequences, and no source of its kind has a document for them`,
    {
      code: 'E_DATA',
      remedy:
        kind === 'vecap'
          ? 'Set data.vecap to 0, or add a source with rewritten captions, such as emoji or world-captions.'
          : `Set data.${kind} to 0, or name another source in data.${dataKindOf(kind)}_from.`,
    },
  );
}
