import type { ReportDocument } from '../document.js';
import { labelledLines, wrap } from '../layout.js';
import { sectionText, type TextOptions } from '../section.js';

/** The report as a person reads it in a terminal. */
export function renderText({ verdict, head, sections, standIns }: ReportDocument, options: TextOptions): string {
  const { width, heading } = options;
  const blocks = [
    [heading('VERDICT'), ...verdict.flatMap((sentence) => wrap(sentence, width))].join('\n'),
    labelledLines(head, width),
    ...sections.map((section) => sectionText(section, options)),
    wrap(standIns, width).join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}
