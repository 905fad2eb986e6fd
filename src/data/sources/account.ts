import { Mm1Error } from '../../errors.js';
import type { Reason } from './left-out.js';
import type { Tally } from './source.js';

/** The share of documents that may be left out. */
const MOST_LEFT_OUT = 0.01;
/** Documents after which that share says something; a shorter walk is judged at its end. */
const ENOUGH = 200;

/** Counts what one walk over a source looks at and leaves out, and stops the walk where that is more than 1%. */
export class Account {
  readonly #source: string;
  readonly #skipped = new Map<Reason, number>();
  #seen = 0;
  #ended = false;

  /** @param source the source's name, for the error */
  constructor(source: string) {
    this.#source = source;
  }

  /** @throws Mm1Error E_DATA where too many were left out before */
  see(): void {
    this.#seen++;
    this.#judge();
  }

  /** @throws Mm1Error E_DATA where this one is one too many */
  leaveOut(reason: Reason): void {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
    this.#judge();
  }

  /**
   * The walk has come to its end: from here on its share counts, however short it was.
   * @throws Mm1Error E_DATA where too many were left out
   */
  end(): void {
    this.#ended = true;
    this.#judge();
  }

  tally(): Tally {
    return { seen: this.#seen, skipped: Object.fromEntries(this.#skipped) };
  }

  #judge(): void {
    if (this.#ended || this.#seen >= ENOUGH) judgeTally(this.#source, this.tally());
  }
}

/**
 * Judges a walk that has come to its end, or is not to go on.
 * @param source its name, for the error
 * @throws Mm1Error E_DATA where more than 1% was left out
 */
export function judgeTally(source: string, tally: Tally): void {
  if (leftOut(tally) <= MOST_LEFT_OUT * tally.seen) return;
  throw new Mm1Error(`More than ${MOST_LEFT_OUT * 100}% of the data cannot be used: ${describeTally(tally)}`, {
    code: 'E_DATA',
    where: source,
    remedy: 'Mend the data, or take what is named here out of it.',
  });
}

/**
 * The tally in words: `3 of 1,000 left out: 2 broken image, 1 empty caption`, the commonest reason first.
 */
export function describeTally(tally: Tally): string {
  const total = leftOut(tally);
  const head = `${total.toLocaleString('en')} of ${tally.seen.toLocaleString('en')} left out`;
  if (total === 0) return head;
  const reasons = Object.entries(tally.skipped).sort(([, a], [, b]) => b - a);
  return `${head}: ${reasons.map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`).join(', ')}`;
}

function leftOut(tally: Tally): number {
  return Object.values(tally.skipped).reduce((sum, count) => sum + count, 0);
}
