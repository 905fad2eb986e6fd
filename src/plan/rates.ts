import type { StageCache, StageManifest } from '../store/cache.js';
import type { Stage } from './stage.js';
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

/** Operations a second, as a share of the machine's own product of matrices, where no stage has been measured: a guess. */
const EFFICIENCY = 0.3;
/** Pieces a second that need no products, where none was measured: a guess. */
const PIECES = 60;
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

  /** Seconds of a stage: from stages alike, else from those of its kind, else a guess. */
  secondsOf({ kind }: Stage, work: Work): { readonly seconds: number; readonly basis: Basis } {
    const alike = this.measured.filter((each) => each.like === work.like);
    if (alike.length > 0) return { seconds: scaled(alike, work), basis: 'measured' };
    const kin = this.measured.filter((each) => each.kind === kind && sameScale(each.like, work.like));
    if (kin.length > 0) return { seconds: scaled(kin, work), basis: 'alike' };
    const rate = (this.gflops ?? 50) * 1e9 * EFFICIENCY;
    return { seconds: START + (work.flops > 0 ? work.flops / rate : work.pieces / PIECES), basis: 'guess' };
  }
}

/** What others took beyond their start, in proportion to the work. */
function scaled(others: readonly Measured[], work: Work): number {
  const unit: 'flops' | 'pieces' = work.flops > 0 ? 'flops' : 'pieces';
  const seconds = others.reduce((sum, each) => sum + Math.max(0, each.seconds - START), 0);
  const done = others.reduce((sum, each) => sum + each[unit], 0);
  const own = unit === 'flops' ? work.flops : work.pieces;
  return done > 0 ? START + (seconds * own) / done : START;
}

/** The scale stands second in what a stage is like, where it computes. */
const sameScale = (a: string, b: string): boolean => a.split(' ')[1] === b.split(' ')[1];
