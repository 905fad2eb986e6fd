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

/** Seconds as a person reads them: "under 1 s", "42 s", "3 min 5 s", "2 h 10 min". */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 60)} h`;
}
