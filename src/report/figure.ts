/** So many places after the point, and never a negative zero. */
export function figure(value: number | null, places = 1): string {
  if (value === null) return '-';
  const text = value.toFixed(places);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text;
}

/** Both ends of an interval. */
export function interval(
  { low, high }: { readonly low: number | null; readonly high: number | null },
  places = 1,
): string {
  return low === null || high === null ? '-' : `[${figure(low, places)}, ${figure(high, places)}]`;
}

/** Places that a measure's numbers need: bits per byte differ by hundredths, percentages by tenths. */
export function placesOf({ lowerIsBetter }: { readonly lowerIsBetter: boolean }): number {
  return lowerIsBetter ? 3 : 1;
}

/** A p value: three places, and no more certainty than that. */
export function probability(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z'];

/** A number of operations: `1.2 TFLOP`. */
export function operations(flops: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(flops, 1)) / 3)));
  return `${(flops / 1000 ** step).toPrecision(3)} ${UNITS[step]}FLOP`;
}
