// The package's own types are not found by an ES module's import: these are the functions that are used.
declare module 'cephes' {
  /** Resolves once the functions can be called. */
  export const compiled: Promise<void>;
  /** Regularised incomplete beta function I_x(a, b). */
  export function incbet(a: number, b: number, x: number): number;
  /** Its inverse in x. */
  export function incbi(a: number, b: number, y: number): number;
  /** Complete beta function B(a, b). */
  export function beta(a: number, b: number): number;
  /** Quantile of the standard normal distribution. */
  export function ndtri(probability: number): number;
}
