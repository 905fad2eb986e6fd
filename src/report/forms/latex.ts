import type { ReportDocument } from '../document.js';
import type { Column } from '../layout.js';
import type { Section, Table } from '../section.js';

/** The report's tables for a paper, to be read in with \input; they need the packages booktabs and, for long ones, adjustbox. */
export function renderLatex({ title, verdict, head, sections }: ReportDocument): string {
  const run = head.map(([label, text]) => `% ${label}: ${text}`.replaceAll('\n', ' '));
  const blocks = [
    ['% \\usepackage{booktabs}', `% ${title}`, ...run, ...verdict.map((sentence) => `% ${sentence}`)].join('\n'),
    ...sections.filter(({ tables = [] }) => tables.length > 0).map(sectionBlock),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function sectionBlock({ title, marks = [], notes = [], tables = [], after = [] }: Section): string {
  const caption = [`${title}${marks.length > 0 ? ` (${marks.join('; ')})` : ''}.`, ...notes, ...after].join(' ');
  return [
    '\\begin{table}',
    '\\centering',
    `\\caption{${escaped(caption)}}`,
    ...tables.map(tableText),
    '\\end{table}',
  ].join('\n');
}

function tableText({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `${cells.map(cellText).join(' & ')} \\\\`;
  const side = ({ align }: Column) => (align === 'right' ? 'r' : 'l');
  return [
    `\\begin{tabular}{${columns.map(side).join('')}}`,
    '\\toprule',
    line(columns.map(({ title }) => title)),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

function cellText(text: string): string {
  return (text.startsWith('  ') ? '\\quad ' : '') + escaped(text.trim().replaceAll(/\s*\n\s*/g, ', '));
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
};

function escaped(text: string): string {
  return text.replaceAll(/[\\~^<>&%$#_{}]/g, (character) => SPECIAL[character] ?? `\\${character}`);
}
