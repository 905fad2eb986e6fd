import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { Parser } from 'htmlparser2';
import sharp from 'sharp';
import { loadPicture } from '../picture.js';
import type { InterleavedDocument } from '../sources/source.js';
import type { BuiltInCorpus } from './corpus.js';
import { filesUnder } from './files.js';
import { sideOf } from './side.js';
import { walkedSource } from './walk.js';

/** Pictures whose shorter side is smaller, in pixels, are icons within a line. */
const SMALLEST_FIGURE = 64;
/** A page of more pictures is a gallery's list. */
const MOST_FIGURES = 30;

/** What holds no prose. */
const NO_PROSE = new Set(['pre', 'script', 'style', 'head', 'nav', 'button', 'form', 'svg', 'math']);
/** Classes of Sphinx and DocBook: pages' heads and feet, lists of contents, marks, thumbnails of other pages. */
const NO_PROSE_CLASS =
  /\b(navheader|navfooter|reportbug|toc|toctree-wrapper|headerlink|sphinxsidebar|related|sphx-glr-thumbcontainer|sphx-glr-footer|sphx-glr-signature|sphx-glr-download-link-note)\b/;
const BLOCK = new Set(
  'p div section article li ul ol dl dt dd h1 h2 h3 h4 h5 h6 table tr figure figcaption blockquote br'.split(' '),
);

/** A manual, as a Debian package has it. */
interface Manual extends Pick<BuiltInCorpus, 'name' | 'about' | 'licence' | 'debian'> {
  /** Whether an element holds what a page is about. */
  readonly main: (element: string, role: string | undefined) => boolean;
  /** What a page's side is drawn by where that is not its file: see {@link manuals}. */
  readonly sideBy?: 'id';
}

/** A page in reading order; pictures as their addresses. */
type PagePiece = { readonly text: string } | { readonly src: string };

const sphinx: Manual['main'] = (element, role) => element === 'main' || role === 'main';
const docBook: Manual['main'] = (element) => element === 'body';

/**
 * Manuals whose figures stand in prose: the pages with figures, without their code, as interleaved documents. Thumbnails of
 * other pages are no figures: they stand on 593 pages of scikit-learn's manual, and figures on 289. A page's side is drawn by
 * its file; but of scikit-image's pages that would hold out 3 of 123, so that there it is drawn by the document's id: 15.
 */
export const manuals: readonly BuiltInCorpus[] = [
  manual({
    ...{ name: 'sklearn-doc', about: "scikit-learn's manual", licence: 'BSD-3-Clause', main: sphinx },
    debian: { name: 'python-sklearn-doc', megabytes: 50 },
  }),
  manual({
    ...{ name: 'scipy-doc', about: "SciPy's manual", licence: 'BSD-3-Clause', main: sphinx },
    debian: { name: 'python-scipy-doc', megabytes: 33 },
  }),
  manual({
    ...{ name: 'skimage-doc', about: "scikit-image's manual, photos", licence: 'BSD-3-Clause', main: sphinx },
    sideBy: 'id',
    debian: { name: 'python-skimage-doc', megabytes: 46 },
  }),
  manual({
    ...{ name: 'gimp-help', about: "GIMP's manual", licence: 'GFDL-1.2', main: docBook },
    debian: { name: 'gimp-help-en', megabytes: 50 },
  }),
];

function manual({ main, sideBy, ...named }: Manual): BuiltInCorpus {
  return {
    ...named,
    kind: 'interleaved',
    counts: null,
    open: (side, folder) =>
      walkedSource(named.name, named.licence, async function* (count) {
        for (const file of filesUnder(folder, '.html')) {
          const id = `${named.name}/${file.replace(/^.*\/(html|help)\//, '').replace(/\.html$/, '')}`;
          if (sideOf(sideBy === 'id' ? id : `${named.name} ${file}`) !== side) continue;
          count.seen();
          const page = join(folder, file);
          const pieces = await withFigures(id, readPage(readFileSync(page, 'utf8'), main), (src) =>
            figure(folder, page, src),
          );
          const figures = pieces.filter((piece) => 'image' in piece).length;
          if (figures === 0) count.skip('no figure');
          else if (figures > MOST_FIGURES) count.skip(`more than ${MOST_FIGURES} figures`);
          else yield { kind: 'interleaved', id, pieces };
        }
      }),
  };
}

/** Prose and pictures of a page, blocks of text on lines of their own. */
export function readPage(html: string, main: Manual['main']): PagePiece[] {
  const pieces: PagePiece[] = [];
  let text = '';
  let within = 0; // elements that are open in the main one, itself included
  let without = 0; // elements that are open in one that holds no prose, itself included
  const endText = () => {
    const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
    const prose = lines.filter((line) => line !== '').join('\n');
    if (prose !== '') pieces.push({ text: prose });
    text = '';
  };
  const parser = new Parser(
    {
      onopentag(name, { src, role, class: classes = '' }) {
        if (within === 0 && !main(name, role)) return;
        within++;
        if (without > 0 || NO_PROSE.has(name) || NO_PROSE_CLASS.test(classes)) without++;
        else if (name === 'img' && src !== undefined) {
          endText();
          pieces.push({ src });
        } else if (BLOCK.has(name)) text += '\n';
        else if (classes === 'classifier') text += ': '; // Sphinx: a parameter's type
      },
      ontext(data) {
        if (within > 0 && without === 0) text += data.replaceAll('\n', ' ');
      },
      onclosetag(name) {
        if (within === 0) return;
        within--;
        if (without > 0) without--;
        else if (BLOCK.has(name)) text += '\n';
      },
    },
    { recognizeSelfClosing: true }, // XHTML: `<a id="x"/>`
  );
  parser.end(html);
  endText();
  return pieces;
}

/** A page with the figures that were found. */
async function withFigures(
  id: string,
  page: readonly PagePiece[],
  find: (src: string) => Promise<string | null>,
): Promise<InterleavedDocument['pieces']> {
  const pieces: InterleavedDocument['pieces'][number][] = [];
  let figures = 0;
  for (const piece of page) {
    if ('text' in piece) {
      const last = pieces.at(-1);
      // What stood between them was an icon.
      if (last && 'text' in last) pieces[pieces.length - 1] = { text: `${last.text} ${piece.text}` };
      else pieces.push(piece);
      continue;
    }
    const file = await find(piece.src);
    if (file === null) continue;
    pieces.push({ image: { id: `${id}#${figures++}`, pixels: (side) => loadPicture(file, side) } });
  }
  return pieces;
}

/** A figure's file; null for an icon, for what is not there and for what lies outside of the manual. */
async function figure(folder: string, page: string, src: string): Promise<string | null> {
  const file = resolve(dirname(page), src);
  if (!file.startsWith(resolve(folder) + sep) || !existsSync(file)) return null;
  const { width, height } = await sharp(file)
    .metadata()
    .catch(() => ({ width: 0, height: 0 }));
  return Math.min(width, height) < SMALLEST_FIGURE ? null : file;
}
