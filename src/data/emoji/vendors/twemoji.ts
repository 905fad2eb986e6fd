import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codePoints } from '../concepts.js';
import { packageFolder } from '../packages.js';
import type { Drawing, Vendor } from './vendor.js';

const PACKAGE = '@twemoji/svg';

/** Twitter's Twemoji: flat, without outlines. One file an emoji, named by its code points. */
export const twemoji: Vendor = {
  name: 'twemoji',
  package: PACKAGE,
  licence: 'CC-BY-4.0',
  heldOut: false,
  drawings: (concepts) => {
    const folder = packageFolder(PACKAGE);
    const fileOf = new Map<string, string>();
    for (const file of readdirSync(folder)) {
      if (file.endsWith('.svg')) fileOf.set(codePoints(file.slice(0, -'.svg'.length)), join(folder, file));
    }
    const drawings = new Map<string, Drawing>();
    for (const { id } of concepts) {
      const file = fileOf.get(id);
      if (file !== undefined) drawings.set(id, () => readFileSync(file, 'utf8'));
    }
    return drawings;
  },
};
