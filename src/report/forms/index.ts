import { documentOf } from '../document.js';
import { renderJson } from '../json.js';
import type { Report } from '../report.js';
import type { TextOptions } from '../section.js';
import { renderCsv } from './csv.js';
import { renderLatex } from './latex.js';
import { renderMarkdown } from './markdown.js';
import { renderText } from './text.js';

/** Forms of a report that need nothing but its numbers. */
export const FORMS = {
  table: (report, options) => renderText(documentOf(report), options),
  markdown: (report) => renderMarkdown(documentOf(report)),
  csv: renderCsv,
  json: renderJson,
  latex: (report) => renderLatex(documentOf(report)),
} as const satisfies Record<string, (report: Report, options: TextOptions) => string>;

export type FormName = keyof typeof FORMS;
