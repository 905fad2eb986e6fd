import type { StageCache, StageManifest } from '../store/cache.js';
import type { Stage, StageKind, StageSpecs } from './stage.js';
import type { Work } from './work.js';

/** What a stage took here, and what it had to do: it is kept with the stage's result. */
export interface Measured {
  readonly kind: string;
  readonly like: string;
  readonly flops: number;
  readonly pieces: number;
  readonly seconds: number;
}

/** Where the seconds of a stage are known from. */
export type Basis = 'measured' | 'alike' | 'guess';

/**
 * Operations a second, as a share of the machine's own product of matrices, where no stage has been measured: a guess, from stages at nano
 * on two cores with AVX-512. Counts are of all positions, of which some need no products: a share may be above 1.
 */
const EFFICIENCY: Partial<Readonly<Record<StageKind, number>>> = {
  encoder: 0.45,
  features: 0.5,
  'language-model': 0.9,
  pretrain: 1,
  evaluate: 1.3,
};
/** Of a kind that is not among them. */
const LEAST_EFFICIENCY = 0.45;
/** Pieces a second that need no products, where none was measured, also a guess: pictures are drawn, and texts are not. */
const PIECES = { pictures: 150, text: 10_000 };
/** Seconds that a stage takes beside its work: its files, its first step. */
const START = 1.5;

/** Reads what an entry of the cache says of its work; null where an older mm1 wrote it. */
export function measuredOf({ kind, seconds, summary }: StageManifest): Measured | null {
  const { 'work, FLOPs': flops, 'work, pieces': pieces, 'work like': like } = summary;
  if (typeof flops !== 'number' || typeof pieces !== 'number' || typeof like !== 'string') return null;
  return { kind, like, flops, pieces, seconds };
}

/** What a cache says of stages that are there, and of what stages took; a folder that has none yet says nothing. */
export function historyOf(cache: StageCache | null) {
  const cached = (key: string): StageManifest | null => cache?.peek(key) ?? null;
  const keys = cache?.entries().map(({ key }) => key) ?? [];
  const measured = keys.flatMap((key) => {
    const manifest = cached(key);
    return (manifest && measuredOf(manifest)) ?? [];
  });
  return { cached, measured };
}

/** What a stage's result says of its work. */
export function workSummary({ flops, pieces, like }: Work): Readonly<Record<string, string | number>> {
  return { 'work, FLOPs': flops, 'work, pieces': pieces, 'work like': like };
}

/** How fast this machine is, by what it did before. */
export class Rates {
  /** @param gflops of a product of large matrices here; null where it was not measured */
  constructor(
    readonly measured: readonly Measured[],
    readonly gflops: number | null,
  ) {}

  /** Seconds of a stage: from stages alike, else from those of its kind that are nearest to it, else a guess. */
  secondsOf({ kind, spec }: Stage, work: Work): { readonly seconds: number; readonly basis: Basis } {
    const alike = this.measured.filter((each) => each.like === work.like);
    if (alike.length > 0) return { seconds: scaled(alike, work), basis: 'measured' };
    const kin = this.measured.filter((each) => each.kind === kind && sameScale(each.like, work.like));
    if (kin.length > 0) return { seconds: scaled(nearest(kin, work), work), basis: 'alike' };
    const rate = (this.gflops ?? 50) * 1e9 * (EFFICIENCY[kind] ?? LEAST_EFFICIENCY);
    const pieces =
      kind === 'corpus' && (spec as StageSpecs['corpus']).resolution === null ? PIECES.text : PIECES.pictures;
    return { seconds: START + (work.flops > 0 ? work.flops / rate : work.pieces / pieces), basis: 'guess' };
  }
}

/** What others took beyond their start, in proportion to the work. Where one of them took less than a usual start, that is the start. */
function scaled(others: readonly Measured[], work: Work): number {
  const unit: 'flops' | 'pieces' = work.flops > 0 ? 'flops' : 'pieces';
  const start = Math.min(START, ...others.map(({ seconds }) => seconds));
  const seconds = others.reduce((sum, each) => sum + each.seconds - start, 0);
  const done = others.reduce((sum, each) => sum + each[unit], 0);
  const own = unit === 'flops' ? work.flops : work.pieces;
  return done > 0 ? start + (seconds * own) / done : start;
}

/** Those that have most in common with some work: so many words of what they are like. */
function nearest(others: readonly Measured[], { like }: Work): readonly Measured[] {
  const words = like.split(' ');
  const common = others.map((each) => each.like.split(' ').filter((word, i) => word === words[i]).length);
  const most = Math.max(...common);
  return others.filter((_, i) => common[i] === most);
}

/** The scale stands second in what a stage is like, where it computes. */
const sameScale = (a: string, b: string): boolean => a.split(' ')[1] === b.split(' ')[1];
