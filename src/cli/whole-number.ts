import { usage } from '../errors.js';

/**
 * A positive whole number as it was typed behind an option.
 * @param example a value that would do
 * @throws Mm1Error E_USAGE where it is none
 */
export function wholeNumber(option: string, typed: string, example: number): number {
  const value = Number(typed);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw usage(option, `${JSON.stringify(typed)} is no positive whole number`, `Write it so: ${option} ${example}`);
}
