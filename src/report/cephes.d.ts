// The package's own types are not found by an ES module's import: these are the functions that are used.
declare module 'cephes' {
  /** Resolves once the functions can be called. */
  export const compiled: Promise<void>;
  /** Quantile of Student's t with `degreesOfFreedom`, an integer of 1 or more. */
  export function stdtri(degreesOfFreedom: number, probability: number): number;
}
