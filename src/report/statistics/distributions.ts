/**
 * Distribution functions, by the incomplete beta function of the Cephes library. Degrees of freedom need not be whole.
 * @module
 */
import { beta, compiled, incbet, incbi, ndtri } from 'cephes';

// cephes is WebAssembly: its functions answer once it is compiled (some milliseconds).
await compiled;

/** Probability that Student's t with `degrees` of freedom is at most `t`. */
export function tCdf(t: number, degrees: number): number {
  const tail = tailOf(t, degrees);
  return t > 0 ? 1 - tail : tail;
}

/** Two-sided p value of Student's t. */
export function tTwoSided(t: number, degrees: number): number {
  return 2 * tailOf(t, degrees);
}

/** P(T > |t|), small values without loss. */
function tailOf(t: number, degrees: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  if (!Number.isFinite(t)) return 0;
  return incbet(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
}

/** Density of Student's t. */
export function tDensity(t: number, degrees: number): number {
  return (1 + (t * t) / degrees) ** (-(degrees + 1) / 2) / (Math.sqrt(degrees) * beta(0.5, degrees / 2));
}

/** Quantiles at the levels that every comparison asks for, by their degrees of freedom: a report asks for each some times. */
const KNOWN = new Map([0.8, 0.95, 0.975].map((level) => [level, new Map<number, number>()]));

/** Quantile of Student's t. */
export function tQuantile(probability: number, degrees: number): number {
  const known = KNOWN.get(probability);
  const value = known?.get(degrees) ?? computedQuantile(probability, degrees);
  known?.set(degrees, value);
  return value;
}

function computedQuantile(probability: number, degrees: number): number {
  const tail = Math.min(probability, 1 - probability);
  return Math.sign(probability - 0.5) * (inverted(tail, degrees) ?? bisected(tail, degrees));
}

/** The t above which `tail` lies by the library's inverse; null where that has lost its digits, as it has at some arguments. */
function inverted(tail: number, degrees: number): number | null {
  try {
    const x = incbi(degrees / 2, 0.5, 2 * tail);
    const t = Math.sqrt((degrees * (1 - x)) / x);
    return Math.abs(tailOf(t, degrees) / tail - 1) < 1e-11 ? t : null;
  } catch {
    return null;
  }
}

/** The same by halving an interval. */
function bisected(tail: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (tailOf(high, degrees) > tail) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (tailOf(middle, degrees) > tail) low = middle;
    else high = middle;
  }
}

/** Probability that F with `between` and `within` degrees of freedom exceeds `f`. */
export function fSurvival(f: number, between: number, within: number): number {
  if (Number.isNaN(f)) return Number.NaN;
  if (!Number.isFinite(f)) return 0;
  return incbet(within / 2, between / 2, within / (within + between * f));
}

/** Quantile of the standard normal distribution. */
export function normalQuantile(probability: number): number {
  return ndtri(probability);
}
