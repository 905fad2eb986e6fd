import { type Concept, codePoints } from '../concepts.js';
import { readJson } from '../packages.js';
import type { Drawing } from './vendor.js';

/** An icon set as Iconify packs it: https://iconify.design/docs/types/iconify-json.html */
interface IconSet {
  readonly width: number;
  readonly height: number;
  readonly icons: Readonly<Record<string, { body: string; width?: number; height?: number }>>;
}

/** An icon set's names, and their drawings; the file (up to 25 MB) is read at the first need. */
export interface LazyIconSet {
  names(): readonly string[];
  draw(name: string): string;
}

/** @param name Package of the icon set: `@iconify-json/noto`. */
export function lazyIconSet(name: string): LazyIconSet {
  let set: IconSet | undefined;
  const load = (): IconSet => {
    set ??= readJson<IconSet>(`${name}/icons.json`);
    return set;
  };
  return {
    names: () => Object.keys(load().icons),
    draw: (icon) => {
      const { icons, width, height } = load();
      const found = icons[icon];
      if (!found) throw new Error(`${name} lists the icon ${icon} and does not hold it`);
      const box = `0 0 ${found.width ?? width} ${found.height ?? height}`;
      return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
        `viewBox="${box}">${found.body}</svg>`
      );
    },
  };
}

/** The drawings of an icon set that says in chars.json which code points each icon stands for. */
export function drawingsByCodePoints(name: string, concepts: readonly Concept[]): Map<string, Drawing> {
  const icons = lazyIconSet(name);
  const characters = readJson<Record<string, string>>(`${name}/chars.json`);
  const iconOf = new Map(Object.entries(characters).map(([hexcode, icon]) => [codePoints(hexcode), icon]));
  const drawings = new Map<string, Drawing>();
  for (const { id } of concepts) {
    const icon = iconOf.get(id);
    if (icon !== undefined) drawings.set(id, () => icons.draw(icon));
  }
  return drawings;
}
