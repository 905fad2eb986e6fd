import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConcepts } from '../emoji/concepts.js';
import { renderImage } from '../render.js';
import type { BuiltInCorpus, Side } from './corpus.js';
import { filesUnder } from './files.js';
import { sideOf } from './side.js';
import { walkedSource } from './walk.js';

/** Titles that programs wrote, and no person. */
const NO_TITLE = /^(untitled|unnamed|no title|new document|drawing|clipart|openclipart|svg|image|test|\W*\d*)$/i;

/** "Clipart by Nicu Buculei - bee" shows a bee. */
const ARTIST = /^clipart by [^-]* - /i;
/** A title that more files have names a collection ("Lemon SVG theme") and not what is drawn. */
const MOST_SHARED = 5;

/** Units of lengths in pixels, as Inkscape counted them up to version 0.91: 90 to the inch. */
const PIXELS: Readonly<Record<string, number>> = { '': 1, px: 1, pt: 1.25, mm: 90 / 25.4, cm: 90 / 2.54, in: 90 };

/**
 * Clip art by many hands, with the titles and descriptions that they gave. What is named by the label of a held-out
 * emoji, alone or among other words, is held out, and so is a tenth of all titles. Equal drawings come once.
 */
export const openclipart: BuiltInCorpus = {
  name: 'openclipart',
  kind: 'caption',
  about: 'clip art, titles and descriptions',
  licence: 'public domain',
  debian: { name: 'openclipart-svg', megabytes: 25 },
  counts: null,
  open: (side, folder) =>
    walkedSource('openclipart', openclipart.licence, function* (count) {
      const isHeldOut = heldOutTitles();
      const given = new Set<string>();
      const titles = titlesUnder(folder);
      const files = new Map<string, number>();
      for (const [, title] of titles) files.set(title, (files.get(title) ?? 0) + 1);
      for (const [file, title] of titles) {
        if (sideOfTitle(title, isHeldOut) !== side) continue;
        count.seen();
        if (NO_TITLE.test(title) || files.get(title)! > MOST_SHARED) {
          count.skip(NO_TITLE.test(title) ? 'no title' : `title of more than ${MOST_SHARED} drawings`);
          continue;
        }
        const svg = readFileSync(join(folder, file), 'utf8');
        const drawing = createHash('sha256').update(withoutMetadata(svg)).digest('base64');
        if (given.has(drawing)) {
          count.skip('the same drawing as another');
          continue;
        }
        given.add(drawing);
        const description = textOf(svg, 'dc:description');
        const alt = description === '' || description === title ? [title] : [title, description];
        const id = `openclipart/${file.replace(/^.*\/svg\//, '').replace('.svg', '')}`;
        // Read again when it is drawn: nothing that was given is kept.
        const read = () => withViewBox(readFileSync(join(folder, file), 'utf8'));
        const image = { id, pixels: (pixels: number) => renderImage({ id, svg: read }, pixels) };
        yield { kind: 'caption', id, image, alt, rewritten: [] };
      }
    }),
};

/** Files with their titles, in the order of their paths. */
function titlesUnder(folder: string): [file: string, title: string][] {
  return filesUnder(folder, '.svg').map((file) => {
    const title = textOf(readFileSync(join(folder, file), 'utf8'), 'dc:title');
    return [file, title.replace(ARTIST, '')];
  });
}

function sideOfTitle(title: string, isHeldOut: (title: string) => boolean): Side {
  return isHeldOut(title) ? 'held-out' : sideOf(title);
}

/** Whether the words of a held-out emoji's label stand in a title, in their order. */
function heldOutTitles(): (title: string) => boolean {
  const labels = loadConcepts()
    .filter(({ heldOut }) => heldOut)
    .map(({ label }) => spaced(label));
  return (title) => labels.some((label) => spaced(title).includes(label));
}

/** Words alone, in lower case, a blank around each. */
function spaced(text: string): string {
  return ` ${(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')} `;
}

/** Text of the first element of a name: the drawing's own stands before its publisher's and its artist's. */
function textOf(svg: string, element: string): string {
  const found = new RegExp(`<${element}>([^<]*)</${element}>`).exec(svg)?.[1] ?? '';
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return found
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name]!)
    .replace(/\s+/g, ' ')
    .trim();
}

function withoutMetadata(svg: string): string {
  return svg.replace(/<metadata[\s\S]*?<\/metadata>/, '');
}

/** Old files say how large the sheet is and not which of its units are pixels: they get a viewBox. */
export function withViewBox(svg: string): string {
  const tag = /<svg\b[^>]*>/.exec(svg)?.[0];
  if (tag === undefined || /\bviewBox=/.test(tag)) return svg;
  const [width, height] = ['width', 'height'].map((side) => {
    const [, number, unit] = new RegExp(`\\s${side}="([\\d.]+)([a-z]*)"`).exec(tag) ?? [];
    return number === undefined ? Number.NaN : Number(number) * (PIXELS[unit!] ?? Number.NaN);
  });
  if (!(width! > 0 && height! > 0)) return svg;
  return svg.replace(tag, tag.replace('<svg', `<svg viewBox="0 0 ${width} ${height}"`));
}
