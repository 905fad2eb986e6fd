/**
 * Holm's adjusted p values (1979): what is below alpha may be called different, with at most alpha's risk of one false call
 * among all.
 * @returns one a p value, in their order
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let most = 0;
  order.forEach((place, rank) => {
    most = Math.max(most, Math.min(1, (pValues.length - rank) * pValues[place]!));
    adjusted[place] = most;
  });
  return adjusted;
}
