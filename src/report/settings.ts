import type { VariantRow } from '../store/rows.js';

/** The axes' values that make a variant, in one line: `connector.type mlp, connector.tokens 64`. */
export function settingsText(settings: VariantRow['settings']): string {
  const entries = Object.entries(settings).map(([path, value]) => `${path} ${value}`);
  return entries.length === 0 ? 'the only variant' : entries.join(', ');
}

/** A variant's values of all axes but one: the same for variants that differ in that one alone. */
export function otherSettings(axis: string, settings: VariantRow['settings']): string {
  const others = Object.entries(settings).filter(([path]) => path !== axis);
  return JSON.stringify(others.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A variant's number in tables: its place in the grid's own order, counted from 1. */
export function variantNumber({ index }: Pick<VariantRow, 'index'>): number {
  return index + 1;
}
