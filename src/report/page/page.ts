import { createHash } from 'node:crypto';
import type { StoreReader } from '../../store/reader.js';
import { documentOf } from '../document.js';
import { figure } from '../figure.js';
import { FIGURES } from '../figures/index.js';
import type { RunRecord } from '../observations.js';
import type { Report } from '../report.js';
import type { Section, Table } from '../section.js';
import { drawFigure } from './draw.js';
import { type GalleryTask, readGallery } from './gallery.js';
import { html, Markup } from './markup.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

/** What a page is made from. */
export interface PageInput {
  readonly store: StoreReader;
  readonly record: RunRecord;
  readonly report: Report;
  /** Folder of the stage cache, where test pictures lie. */
  readonly cache: string;
  /** A script of the server's own, which keeps the page up to date. */
  readonly live?: string;
}

/** The report as one page that needs nothing else: no network, no other file. */
export async function renderPage({ store, record, report, cache, live }: PageInput): Promise<string> {
  const { title, verdict, head, sections, standIns } = documentOf(report);
  const curves = store.learningCurves(report.run.id);
  const figures = await Promise.all(
    FIGURES.flatMap((draw) => draw({ report, curves })).map(async (each) => ({ ...each, svg: await drawFigure(each) })),
  );
  const gallery = await readGallery(store, record, report, cache);
  const scripts = [SCRIPT, ...(live === undefined ? [] : [live])];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts, live !== undefined)}">
<title>${title} - mm1</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<p class="note">mm1 ablation report, run ${report.run.id} (${report.run.status})</p>
<h1>${title}</h1>
<section class="verdict" aria-label="Verdict">${verdict.map((sentence) => html`<p>${sentence}</p>`)}</section>
<h2>The run</h2>
<dl>${head.map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>
${figures.map(
  ({ title: name, description, svg }) =>
    html`<h2>${name}</h2>
<figure><div class="wide" tabindex="0" role="img" aria-label="${name}. ${description}">${new Markup(svg)}</div><figcaption>${description}</figcaption></figure>`,
)}
${gallery.map(galleryPart)}
${sections.map(sectionPart)}
<p class="note">${standIns}</p>
</main>
${scripts.map((script) => html`<script>${new Markup(script)}</script>`)}
</body>
</html>
`;
  return page.text;
}

/** Only the page's own scripts run, and nothing is fetched from anywhere but the page's own server. */
function policy(scripts: readonly string[], live: boolean): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const connect = live ? "; connect-src 'self'" : '';
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}${connect}`;
}

function galleryPart({ task, shots, items }: GalleryTask): Markup {
  return html`<h2>${task}, ${shots}-shot: what the best variants answer</h2>
<p class="note">Drawn at random, the same items in every report; one seed of each variant.</p>
<ul class="gallery">${items.map(
    ({ picture, prompt, references, answers }) => html`<li>
${picture === null ? null : html`<img src="${picture}" alt="${references[0] ?? ''}" loading="lazy">`}
<p>${prompt.trim()}</p>
<p class="note">right: ${references.slice(0, 3).join(' / ')}</p>
<dl>${answers.map(({ variant, output, value }) => html`<dt>#${variant}</dt><dd>${output} <span class="note">${figure(value)}</span></dd>`)}</dl>
</li>`,
  )}</ul>`;
}

function sectionPart(section: Section): Markup {
  const { title, marks = [], notes = [], tables = [], list = [], after = [] } = section;
  return html`<h2>${title}</h2>
${marks.map((mark) => html`<p class="mark">${mark}</p>`)}
${notes.map((note) => html`<p class="note">${note}</p>`)}
${tables.map((table) => tablePart(table, title))}
${list.length === 0 ? null : html`<ul>${list.map(([, text]) => html`<li>${text}</li>`)}</ul>`}
${after.map((note) => html`<p class="note">${note}</p>`)}`;
}

/** A table whose columns sort, but for one whose rows stand in groups. */
function tablePart({ columns, rows }: Table, title: string): Markup {
  const grouped = rows.some(([first]) => first?.startsWith('  '));
  const side = (place: number) => (columns[place]?.align === 'right' ? 'right' : '');
  const head = columns.map(({ title: name }, place) => {
    const text = name.replaceAll('\n', ' ');
    return html`<th scope="col" class="${side(place)}">${grouped ? text : html`<button type="button">${text || 'mark'}</button>`}</th>`;
  });
  const body = rows.map((row) => {
    const level = row[0]?.startsWith('  ') ?? false;
    const cells = row.map(
      (cell, place) =>
        html`<td class="${side(place)}${grouped && place === 0 && level ? ' level' : ''}">${cell.trim()}</td>`,
    );
    return html`<tr class="${grouped && !level ? 'group' : ''}">${cells}</tr>`;
  });
  return html`<div class="wide" tabindex="0" role="group" aria-label="${title}"><table${grouped ? null : new Markup(' data-sortable')}>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}
