import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { SIDES } from '../../../src/data/corpora/corpus.js';
import { picturesOf } from '../../../src/data/corpora/counts.js';
import { CORPORA } from '../../../src/data/corpora/index.js';
import { withViewBox } from '../../../src/data/corpora/openclipart.js';
import { loadConcepts } from '../../../src/data/emoji/concepts.js';
import type { InterleavedDocument, SourceDocument } from '../../../src/data/sources/source.js';

const root = mkdtempSync(join(tmpdir(), 'mm1-corpora-'));
afterAll(() => rmSync(root, { recursive: true }));

function put(folder: string, files: Record<string, string | Buffer>): string {
  for (const [name, content] of Object.entries(files)) {
    const file = join(root, folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return join(root, folder);
}

/** Documents by side, and what both sides together leave out. */
async function bySide(name: string, folder: string) {
  const found: Record<string, SourceDocument[]> = {};
  const skipped: Record<string, number> = {};
  for (const side of SIDES) {
    found[side] = [];
    const source = CORPORA.find((corpus) => corpus.name === name)!.open(side, folder);
    for await (const document of source.documents()) found[side].push(document);
    const tally = source.tally();
    for (const [reason, count] of Object.entries(tally.skipped)) skipped[reason] = (skipped[reason] ?? 0) + count;
    const left = Object.values(tally.skipped).reduce((sum, count) => sum + count, 0);
    expect(tally.seen).toBe(found[side].length + left);
  }
  return { train: found.train!, heldOut: found['held-out']!, skipped };
}

const png = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#c00' } })
    .png()
    .toBuffer();

const svg = (title: string, x: number, description = '') =>
  `<svg width="20" height="10"><metadata><dc:title>${title}</dc:title><dc:description>${description}</dc:description>` +
  `<dc:title>Publisher</dc:title></metadata><rect x="${x}" width="4" height="4"/></svg>`;

describe('openclipart', () => {
  it('keeps what has a title of its own, once, and holds out what a held-out emoji is called', async () => {
    const label = loadConcepts().find(({ heldOut, label }) => heldOut && /^[a-z]+$/.test(label))!.label;
    const folder = put('openclipart', {
      'usr/svg/a.svg': svg('Fish &amp; bowl', 1, ' A fish\n in it '),
      'usr/svg/b.svg': svg('Fish again', 1), // the same drawing
      'usr/svg/c.svg': svg(`My ${label.toUpperCase()}!`, 2),
      'usr/svg/d.svg': svg('Untitled', 3),
      'usr/svg/e.svg': svg('Clipart by A. Person - qqqq', 4),
      ...Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [`usr/svg/theme/${i}.svg`, svg('Some theme', 5 + i)])),
    });
    symlinkSync(join(folder, 'usr/svg/a.svg'), join(folder, 'usr/svg/0.svg'));
    const found = await bySide('openclipart', folder);
    const all = [...found.train, ...found.heldOut];
    expect(all.map(({ id }) => id).sort()).toEqual(['openclipart/a', 'openclipart/c', 'openclipart/e']);
    expect(all.find(({ id }) => id === 'openclipart/a')).toMatchObject({ alt: ['Fish & bowl', 'A fish in it'] });
    expect(all.find(({ id }) => id === 'openclipart/e')).toMatchObject({ alt: ['qqqq'] });
    expect(found.heldOut.map(({ id }) => id)).toContain('openclipart/c');
    expect(found.skipped).toEqual({
      'the same drawing as another': 1,
      'no title': 1,
      'title of more than 5 drawings': 6,
    });
  });

  it('counts old sheets at 90 dots per inch', () => {
    expect(withViewBox('<svg width="210mm" height="2in"/>')).toContain('viewBox="0 0 744.09448');
    expect(withViewBox('<svg width="210mm" height="2in"/>')).toContain(' 180"');
    expect(withViewBox('<svg width="8pt" height="1cm"/>')).toMatch(/viewBox="0 0 10 35\.43/);
    for (const kept of ['<svg viewBox="0 0 1 1" width="9"/>', '<svg width="100%" height="9"/>', '<svg/>']) {
      expect(withViewBox(kept)).toBe(kept);
    }
  });
});

describe('stamps', () => {
  it('takes the first line beside a picture, and counts empty ones', async () => {
    const picture = await png(8);
    const files = { 'a.txt': 'A cat.\nde.utf8=Eine Katze.', 'a.png': picture, 'b.txt': '\n', 'b.png': picture };
    const found = await bySide('stamps', put('stamps', { ...files, 'lone.txt': 'No picture.' }));
    expect([...found.train, ...found.heldOut]).toMatchObject([{ alt: ['A cat.'] }]);
    expect(found.skipped).toEqual({ 'empty caption': 1, 'no picture': 1 });
  });
});

describe('manuals', () => {
  const page = (body: string) => `<html><head><title>t</title></head><body>${body}</body></html>`;

  it('keep prose and figures in order, without code, heads, icons and what lies outside', async () => {
    const [large, icon] = [await png(64), await png(63)];
    put('outside', { 'x.png': large });
    const folder = put('gimp', {
      'usr/help/a.html': page(
        '<div class="navheader">Next<img src="f.png"/></div><pre/><h1>Title</h1><p>One &amp; two\n three' +
          '<img src="icon.png"/> four</p><pre>code</pre><img src="f.png" alt="a"/><p>After</p>' +
          '<img src="../../../outside/x.png"/><img src="missing.png"/><script>no()</script>',
      ),
      'usr/help/none.html': page('<p>Words alone</p>'),
      'usr/help/many.html': page('<img src="f.png"/>'.repeat(31)),
      'usr/help/most.html': page('<img src="f.png"/>'.repeat(30)),
      ...{ 'usr/help/f.png': large, 'usr/help/icon.png': icon },
    });
    const found = await bySide('gimp-help', folder);
    const all = [...found.train, ...found.heldOut] as InterleavedDocument[];
    expect(all.map(({ id }) => id).sort()).toEqual(['gimp-help/a', 'gimp-help/most']);
    expect(found.skipped).toEqual({ 'no figure': 1, 'more than 30 figures': 1 });
    const [first] = all.filter(({ id }) => id === 'gimp-help/a');
    const [before, image, after] = first!.pieces;
    expect(first!.pieces).toHaveLength(3);
    expect([before, after]).toEqual([{ text: 'Title\nOne & two three four' }, { text: 'After' }]);
    expect(image).toHaveProperty('image.id', 'gimp-help/a#0');
    expect(await picturesOf(first!)[0]!.pixels(4)).toEqual(
      Uint8Array.from({ length: 48 }, (_, i) => (i % 3 ? 0 : 204)),
    );
  });

  it('of Sphinx begin at the main part', async () => {
    const body = '<p>Menu</p><div role="main"><p>Inside</p><img src="f.png"></div><p>Foot</p>';
    const folder = put('sphinx', { 'html/a.html': page(body), 'html/f.png': await png(64) });
    const found = await bySide('scipy-doc', folder);
    expect([...found.train, ...found.heldOut]).toMatchObject([{ pieces: [{ text: 'Inside' }, { image: {} }] }]);
  });

  it("hold out about a tenth of the pages, scikit-image's by their ids", async () => {
    const pages = Array.from({ length: 300 }, (_, i) => `usr/html/auto_examples/plot_${i}`);
    const files = Object.fromEntries(
      pages.map((name) => [`${name}.html`, page('<main>Words<img src="f.png"></main>')]),
    );
    const folder = put('pages', { ...files, 'usr/html/auto_examples/f.png': await png(64) });
    const elsewhere = put(
      'elsewhere',
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`opt/${name}`, text])),
    );
    put('elsewhere', { 'opt/usr/html/auto_examples/f.png': await png(64) });
    for (const name of ['skimage-doc', 'scipy-doc']) {
      const { heldOut } = await bySide(name, folder);
      expect(heldOut.length).toBeGreaterThan(15);
      expect(heldOut.length).toBeLessThan(45);
      const moved = (await bySide(name, elsewhere)).heldOut;
      const ids = (documents: SourceDocument[]) => documents.map(({ id }) => id);
      if (name === 'skimage-doc') expect(ids(moved)).toEqual(ids(heldOut));
      else expect(ids(moved)).not.toEqual(ids(heldOut));
    }
  });
});
