import type { ReportDocument } from '../document.js';
import type { Column } from '../layout.js';
import type { Section, Table } from '../section.js';

/** The report as GitHub's Markdown. */
export function renderMarkdown({ title, verdict, head, sections, standIns }: ReportDocument): string {
  const blocks = [
    `# ${escaped(title)}`,
    verdict.map(escaped).join('\n'),
    tableText({ columns: [{ title: '' }, { title: '' }], rows: head }),
    ...sections.map(sectionBlock),
    escaped(standIns),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function sectionBlock({ title, marks = [], notes = [], tables = [], list = [], after = [] }: Section): string {
  return [
    `## ${escaped(title)}`,
    ...(marks.length > 0 ? [`**${marks.map(escaped).join('; ')}**`] : []),
    ...notes.map(escaped),
    ...tables.map(tableText),
    ...(list.length > 0 ? [list.map(([, text]) => `- ${escaped(text)}`).join('\n')] : []),
    ...after.map(escaped),
  ].join('\n\n');
}

function tableText({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = ({ align }: Column) => (align === 'right' ? '---:' : '---');
  return [
    line(columns.map(({ title }) => cellText(title))),
    line(columns.map(rule)),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n');
}

/** A cell is one line: two blanks before a name say that it belongs to the row above. */
function cellText(text: string): string {
  const indented = text.startsWith('  ');
  return (indented ? '&emsp;' : '') + escaped(text.trim()).replaceAll('\n', '<br>');
}

/** What Markdown, and the HTML in it, would take for its own. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`).replaceAll('&', '&amp;');
}
