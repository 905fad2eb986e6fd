import { drawingsByCodePoints } from './iconify.js';
import type { Vendor } from './vendor.js';

const PACKAGE = '@iconify-json/openmoji';

/** OpenMoji, with black outlines: evaluated on, never trained on, no render of it is published (share-alike). */
export const openmoji: Vendor = {
  name: 'openmoji',
  package: PACKAGE,
  licence: 'CC-BY-SA-4.0',
  heldOut: true,
  drawings: (concepts) => drawingsByCodePoints(PACKAGE, concepts),
};
