import { Mm1Error, type Mm1ErrorOptions } from '../../errors.js';

/** An error as a message to another thread can hold it. */
export interface Fault {
  readonly message: string;
  readonly stack: string | undefined;
  /** Of what a person can mend; null for a bug. */
  readonly options: Omit<Mm1ErrorOptions, 'cause'> | null;
}

export function faultOf(error: unknown): Fault {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof Mm1Error)) return { message, stack, options: null };
  const { code, remedy, where, status } = error;
  return { message, stack, options: { code, remedy, where, status } };
}

/** The same kind of error again, with the stack of where it was thrown. */
export function errorOf({ message, stack, options }: Fault): Error {
  const error = options ? new Mm1Error(message, options) : new Error(message);
  error.stack = stack;
  return error;
}
