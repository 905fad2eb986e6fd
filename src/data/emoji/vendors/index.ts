import { emojione } from './emojione.js';
import { fluent } from './fluent.js';
import { noto } from './noto.js';
import { openmoji } from './openmoji.js';
import { twemoji } from './twemoji.js';
import type { Vendor } from './vendor.js';

/** Everybody whose drawings the corpus holds. Exactly one is held out. */
export const VENDORS: readonly Vendor[] = [noto, fluent, twemoji, emojione, openmoji];
