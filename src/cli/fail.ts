import { Mm1Error } from '../errors.js';

/** What the command line writes to: the process's own streams, or a test's. */
export interface Output {
  write(text: string): unknown;
}

/** Exit status of a bug: EX_SOFTWARE of sysexits.h. */
const BUG = 70;

/**
 * Tells the person what went wrong. A fault that they can mend shows its code, place and remedy; a bug shows its stack.
 *
 * @returns the exit status: 1 or 2 for what the person can mend, 70 for a bug
 */
export function printFault(error: unknown, stderr: Output): number {
  if (error instanceof Mm1Error) {
    stderr.write(`${error.format()}\n`);
    return error.status;
  }
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  stderr.write(`${stack}\nE_BUG: this is a bug in mm1, and no fault of yours: please report the lines above.\n`);
  return BUG;
}
