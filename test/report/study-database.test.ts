import { copyFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documentOf } from '../../src/report/document.js';
import { renderMarkdown } from '../../src/report/forms/markdown.js';
import { readRun } from '../../src/report/observations.js';
import { summarise } from '../../src/report/results.js';
import { Store } from '../../src/store/store.js';

/** docs/study/study.sqlite holds real runs: whatever changes, its tables can be made again, with the same numbers. */
it("the study's database gives the study's reports", () => {
  const file = join(mkdtempSync(join(tmpdir(), 'mm1-study-')), 'study.sqlite');
  copyFileSync('docs/study/study.sqlite', file);
  const store = Store.openReadOnly(file);
  const runs = store.runs();
  const files = readdirSync('docs/study').filter((name) => name.endsWith('.md') && name !== 'README.md');
  const reports = files.map((name) => readFileSync(`docs/study/${name}`, 'utf8'));
  expect(runs).toHaveLength(reports.length);
  for (const { id } of runs) {
    const kept = reports.find((text) => text.includes(`| run | ${id} `));
    expect(kept).toBe(renderMarkdown(documentOf(summarise(readRun(store, id)))));
  }
  store.close();
});
