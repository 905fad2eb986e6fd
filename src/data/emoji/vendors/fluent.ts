import { drawingsByCodePoints } from './iconify.js';
import type { Vendor } from './vendor.js';

const PACKAGE = '@iconify-json/fluent-emoji-flat';

/** Microsoft's Fluent Emoji, the flat set (the shaded set is the same drawing). */
export const fluent: Vendor = {
  name: 'fluent',
  package: PACKAGE,
  licence: 'MIT',
  heldOut: false,
  drawings: (concepts) => drawingsByCodePoints(PACKAGE, concepts),
};
