/**
 * What two levels of an axis can be compared by: of either side those that stand in a cell where the other stands too.
 * @param cellOf the settings of the other axes, with the seed where there are seeds
 */
export function inSharedCells<Value>(
  a: readonly Value[],
  b: readonly Value[],
  cellOf: (value: Value) => string,
): [Value[], Value[]] {
  const [ofA, ofB] = [a.map(cellOf), b.map(cellOf)];
  const [hasA, hasB] = [new Set(ofA), new Set(ofB)];
  return [a.filter((_, i) => hasB.has(ofA[i]!)), b.filter((_, i) => hasA.has(ofB[i]!))];
}

/**
 * The level that none leads where the two can be compared: of several, or of a circle in which each is led by another, the first.
 * @param levels the better a level looks by itself, the earlier it stands
 * @param lead how much the first is ahead of the second; null where the two cannot be compared
 */
export function foremost<Level>(
  levels: readonly Level[],
  lead: (first: Level, second: Level) => number | null,
): Level | undefined {
  const isLed = (level: Level) => levels.some((other) => other !== level && (lead(other, level) ?? 0) > 0);
  return levels.find((level) => !isLed(level)) ?? levels[0];
}
