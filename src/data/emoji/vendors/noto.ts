import { drawingsByCodePoints } from './iconify.js';
import type { Vendor } from './vendor.js';

const PACKAGE = '@iconify-json/noto';

/** Google's Noto Emoji: shaded, with gradients. */
export const noto: Vendor = {
  name: 'noto',
  package: PACKAGE,
  licence: 'Apache-2.0',
  heldOut: false,
  drawings: (concepts) => drawingsByCodePoints(PACKAGE, concepts),
};
