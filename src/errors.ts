/** What an {@link Mm1Error} is made of. */
export interface Mm1ErrorOptions {
  /** Stable name of the kind of fault, for instance `E_GRID`. */
  code: string;
  /** What the person should do next: one sentence. */
  remedy: string;
  /** File, line, column, run or stage that the fault is about. */
  where?: string;
  /** Exit status of the command line: 1, or 2 where the command itself was used wrongly. */
  status?: 1 | 2;
  cause?: unknown;
}

/**
 * A fault that the person can mend: bad input, a missing file, an engine that is not there.
 * The command line prints its code, what is wrong, where and what to do, and never its stack.
 * Anything else that is thrown is a bug, and shows its stack.
 */
export class Mm1Error extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly where: string | undefined;
  readonly status: 1 | 2;

  constructor(message: string, options: Mm1ErrorOptions) {
    super(message, { cause: options.cause });
    this.name = 'Mm1Error';
    this.code = options.code;
    this.remedy = options.remedy;
    this.where = options.where;
    this.status = options.status ?? 1;
  }

  /** The lines a person reads: code and fault, place, remedy. */
  format(): string {
    const lines = [`${this.code}: ${this.message}`];
    if (this.where) lines.push(`  at ${this.where}`);
    lines.push(`  ${this.remedy}`);
    return lines.join('\n');
  }
}

/** What is wrong with a command as it was typed: an option, or an argument. */
export function usage(where: string, message: string, remedy: string): Mm1Error {
  return new Mm1Error(message, { code: 'E_USAGE', where, remedy, status: 2 });
}
