import type { StageKind } from '../plan/stage.js';

/** Guesses how long stages take, from what others of each kind took, or are planned to. */
export class TimeLeft {
  readonly #seconds = new Map<StageKind, { total: number; count: number }>();

  /** Notes what a stage took, or is planned to. */
  measured(kind: StageKind, seconds: number): void {
    const { total, count } = this.#seconds.get(kind) ?? { total: 0, count: 0 };
    this.#seconds.set(kind, { total: total + seconds, count: count + 1 });
  }

  /**
   * @param left number of stages still to be computed, by their kind
   * @returns seconds, or null while some kind was never measured
   */
  of(left: ReadonlyMap<StageKind, number>): number | null {
    let total = 0;
    for (const [kind, stages] of left) {
      if (stages === 0) continue;
      const known = this.#seconds.get(kind);
      if (!known) return null;
      total += (stages * known.total) / known.count;
    }
    return total;
  }
}
