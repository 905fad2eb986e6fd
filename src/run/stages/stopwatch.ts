/** What a stage has taken, earlier attempts included whose work it goes on with. */
export class Stopwatch {
  readonly #started = performance.now();
  #before = 0;

  /** Counts in what earlier attempts took until they kept what this one goes on from. */
  goOnFrom(seconds: number): void {
    this.#before = seconds;
  }

  get seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000;
  }
}
