import type { StageKind } from '../plan/stage.js';

/** Guesses how long a run still takes, from what stages of each kind took. */
export class TimeLeft {
  readonly #seconds = new Map<StageKind, number[]>();

  /** Notes what a stage took. */
  measured(kind: StageKind, seconds: number): void {
    const list = this.#seconds.get(kind);
    if (list) list.push(seconds);
    else this.#seconds.set(kind, [seconds]);
  }

  /**
   * @param kinds kinds of the stages still to be computed
   * @returns seconds, or null while some kind was never measured
   */
  of(kinds: readonly StageKind[]): number | null {
    let total = 0;
    for (const kind of kinds) {
      const list = this.#seconds.get(kind);
      if (!list) return null;
      total += list.reduce((a, b) => a + b, 0) / list.length;
    }
    return total;
  }
}
