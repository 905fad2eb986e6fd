/** One place after the point, and never a negative zero. */
export function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(1).replace(/^-(?=0\.0$)/, '');
}

/** Both ends of an interval. */
export function interval({ low, high }: { readonly low: number | null; readonly high: number | null }): string {
  return low === null || high === null ? '-' : `[${figure(low)}, ${figure(high)}]`;
}
