/** Tells what part of a device each of those had who were at it, perhaps several at once. */
export interface SharedClock {
  /**
   * One more is at the device.
   * @returns says that it has ended, and gives its part: 1 where it was alone, a half where another one was there all the while
   */
  begin(): () => number;
}

/** A clock that goes, for each of those at the device, as fast as its part of it. @param now milliseconds */
export function sharedClock(now: () => number = () => performance.now()): SharedClock {
  let count = 0;
  let last = now();
  /** Milliseconds of the device that each of them had so far, had it been there from the beginning. */
  let own = 0;
  const advance = () => {
    const time = now();
    if (count > 0) own += (time - last) / count;
    last = time;
    return time;
  };
  return {
    begin() {
      const started = advance();
      const before = own;
      count++;
      return () => {
        const elapsed = advance() - started;
        count--;
        return elapsed > 0 ? (own - before) / elapsed : 1;
      };
    },
  };
}
