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
  const reports = readdirSync('docs/study').filter((name) => name.endsWith('.md') && name !== 'README.md');
  expect(runs.map(({ name }) => `${name}.md`).sort()).toEqual(reports.sort());
  for (const { id, name } of runs) {
    const kept = readFileSync(`docs/study/${name}.md`, 'utf8').replaceAll('\\', '');
    const { verdict } = summarise(readRun(store, id));
    for (const sentence of verdict) expect(kept).toContain(sentence.split(/[[(]/)[0]!.trim());
    const made = renderMarkdown(documentOf(summarise(readRun(store, id))));
    expect(made.split('\n').length).toBeGreaterThan(50);
  }
  store.close();
});
