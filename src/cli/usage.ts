import { Mm1Error } from '../errors.js';

/** What is wrong with an option as it was typed. */
export function usage(where: string, message: string, remedy: string): Mm1Error {
  return new Mm1Error(message, { code: 'E_USAGE', where, remedy, status: 2 });
}
