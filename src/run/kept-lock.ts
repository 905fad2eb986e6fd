import { Mm1Error } from '../errors.js';
import { SIGN_EVERY } from '../store/holder.js';
import type { LockingStore } from '../store/locks.js';

/**
 * A lock that this process holds for long: signs of life are given for it, and for all else that the process holds, so that other machines
 * do not take it to be gone. One that was suspended for so long that they did learns of it.
 */
export class KeptLock {
  readonly #timer: NodeJS.Timeout;
  #isLost = false;

  /** @param onLost told once, where another machine has taken the lock */
  constructor(
    readonly store: LockingStore,
    readonly name: string,
    onLost: () => void,
    every = SIGN_EVERY,
  ) {
    this.#timer = setInterval(() => {
      if (this.#isLost || !this.#renewed()) return;
      this.#isLost = !store.holdsLock(name);
      if (this.#isLost) onLost();
    }, every).unref();
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** A disk that refuses for a moment is no reason to end: who writes results is told of it, and the next sign comes soon. */
  #renewed(): boolean {
    try {
      this.store.renewLocks();
      return true;
    } catch (error) {
      if (!(error instanceof Mm1Error)) throw error;
      return false;
    }
  }

  /** Gives no more signs of life. */
  end(): void {
    clearInterval(this.#timer);
  }
}
