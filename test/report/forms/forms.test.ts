import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf } from '../../../src/report/document.js';
import { renderCsv } from '../../../src/report/forms/csv.js';
import { FORMS } from '../../../src/report/forms/index.js';
import { renderLatex } from '../../../src/report/forms/latex.js';
import { renderMarkdown } from '../../../src/report/forms/markdown.js';
import { readRun } from '../../../src/report/observations.js';
import type { Report } from '../../../src/report/report.js';
import { summarise } from '../../../src/report/results.js';
import { Store } from '../../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from '../study.js';

const HOSTILE = 'a|b_c & 50% <b>, "x"';
const AXES = [
  { path: 'connector.type', values: ['average-pool', HOSTILE] },
  { path: 'connector.tokens', values: [64, 144] },
];

let report: Report;
let store: Store;
beforeAll(() => {
  store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun(planOf(AXES, [0, 1], ['emoji-caption', 'emoji-question']), PROVENANCE);
  const results = [10, 12, 20, 23, 11, 12, 21, 22].map((value) => [
    rowsOf('emoji-caption', 'asked', [value, value + 1, value + 5]),
    rowsOf('emoji-caption', 'blind', [3, 2, 4]),
    rowsOf('emoji-question', 'asked', [value, value + 2, value + 3]),
  ]);
  finishTrials(store, id, results);
  report = summarise(readRun(store, id));
});
afterAll(() => store.close());

const lines = (text: string) => text.split(/\r?\n/);

describe('CSV', () => {
  /** RFC 4180, as a reader has it. */
  const parsed = (text: string) =>
    text
      .trimEnd()
      .split('\r\n')
      .map((line) =>
        [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, cell]) =>
          cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!,
        ),
      );

  it('has a line a variant of every measure, with every number whole', () => {
    const [titles, ...rows] = parsed(renderCsv(report));
    expect(rows).toHaveLength(4 * (report.tasks.length + report.means.length));
    for (const row of rows) expect(row).toHaveLength(titles!.length);
    const at = (row: string[], name: string) => row[titles!.indexOf(name)];
    const [first] = rows;
    const score = report.tasks[0]!.variants[0]!;
    expect(at(first!, 'measure')).toBe('emoji-caption');
    expect(Number(at(first!, 'mean'))).toBe(score.mean);
    expect(Number(at(first!, 'low'))).toBe(score.low);
    expect(Number(at(first!, 'blind'))).toBe(score.blind!.mean);
    expect(at(first!, 'shuffled')).toBe('');
    expect(new Set(rows.map((row) => at(row, 'connector.type')))).toEqual(new Set(['average-pool', HOSTILE]));
  });
});

describe('Markdown', () => {
  it('has tables of one width, whose cells hold no bars of their own', () => {
    const text = renderMarkdown(documentOf(report));
    const tables = lines(text).filter((line) => line.startsWith('|'));
    expect(text).toContain('## emoji-caption, 0-shot: CIDEr-D, 3 items, chance 5.0');
    expect(text).toContain('a\\|b\\_c &amp; 50% \\<b\\>, "x"');
    for (const line of tables) expect(line.endsWith('|')).toBe(true);
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    const start = lines(text).findIndex((line) => line.startsWith('## emoji-caption'));
    const own = lines(text).slice(start + 2, start + 8);
    expect(new Set(own.map(cells)).size).toBe(1);
    expect(own[1]).toMatch(/^\| ---: \| --- \| ---: \|/);
  });
});

describe('LaTeX', () => {
  it('has booktabs tables whose rows are as wide as their columns, and nothing that TeX would run', () => {
    const text = renderLatex(documentOf(report));
    expect(text).toContain('a|b\\_c \\& 50\\% \\textless{}b\\textgreater{}, "x"');
    const tabulars = [...text.matchAll(/\\begin\{tabular\}\{([rl]+)\}\n([\s\S]*?)\\end\{tabular\}/g)];
    expect(tabulars.length).toBeGreaterThan(4);
    for (const [, columns, body] of tabulars) {
      expect(body).toMatch(/^\\toprule\n.*\\\\\n\\midrule\n[\s\S]*\\bottomrule\n$/);
      const rows = body!.split('\n').filter((line) => line.endsWith('\\\\'));
      for (const row of rows) expect(row.split(/(?<!\\)&/)).toHaveLength(columns!.length);
    }
    expect(text.split('\n').filter((line) => !line.startsWith('%') && /(?<!\\)%/.test(line))).toEqual([]);
  });
});

it('every form says how the run went, and JSON is the report itself', () => {
  const options = { width: 80, heading: (text: string) => text };
  expect(JSON.parse(FORMS.json(report)).verdict).toEqual(report.verdict);
  for (const form of [FORMS.table, FORMS.markdown, FORMS.latex]) expect(form(report, options)).toContain('8 of 8 done');
});
