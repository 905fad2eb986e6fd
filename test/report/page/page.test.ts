import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageWriter } from '../../../src/data/image-set.js';
import { readRun } from '../../../src/report/observations.js';
import { renderPage } from '../../../src/report/page/page.js';
import { summarise } from '../../../src/report/results.js';
import { cacheFolder } from '../../../src/store/place.js';
import { Store } from '../../../src/store/store.js';
import { newRunsFolder, PROVENANCE, planOf, rowsOf } from '../study.js';

/** Debian's; the tests of a browser are left out where there is none. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

const HOSTILE = '<script>alert(1)</script>';
const AXES = [
  { path: 'connector.type', values: ['average-pool', HOSTILE] },
  { path: 'connector.tokens', values: [64, 144] },
  { path: 'encoder.resolution', values: [224, 336, 378] },
];

const { folder, file } = newRunsFolder();
let html: string;

beforeAll(async () => {
  const store = Store.open(file);
  const plan = planOf(AXES, [0, 1, 2], ['emoji-caption', 'emoji-question'], [0, 4]);
  const { id } = store.beginRun(plan, PROVENANCE);
  const pictures = join(cacheFolder(folder), 'asked');
  mkdirSync(pictures, { recursive: true });
  const writer = await ImageWriter.open(pictures, 56);
  const red = await sharp({ create: { width: 56, height: 56, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  for (const picture of ['p0', 'p1', 'p2']) await writer.append(picture, red);
  await writer.close();
  const common = {
    runId: id,
    status: 'done',
    cached: false,
    bytes: 1,
    error: null,
    errorCode: null,
    attempts: 1,
    log: '',
  } as const;
  store.recordStage({
    ...common,
    key: 'asked',
    kind: 'questions',
    title: 'questions',
    seconds: 1,
    summary: { 'work, FLOPs': 0 },
  });
  for (const [index, trial] of store.trials(id).entries()) {
    const value = 20 + 3 * (index % 5) + index / 3;
    const rows = [0, 4].flatMap((shots) => [
      rowsOf('emoji-caption', 'asked', [value, value + 2, value + 5 + shots], { shots }),
      rowsOf('emoji-caption', 'blind', [3, 2, 4], { shots }),
      rowsOf('emoji-question', 'asked', [value + 4, value + 1, value], { shots }),
    ]);
    const summary = {
      'work, FLOPs': 1e12 * (1 + (index % 6)),
      'sequences asked': { caption: 1 },
      'sequences drawn': { caption: 10 },
      'text tokens drawn': { caption: 100 },
      'pictures drawn': { caption: 10 },
    };
    store.recordStage({ ...common, key: `train-${index}`, kind: 'pretrain', title: 'train', seconds: 9, summary });
    store.recordMetrics(
      id,
      Array.from({ length: 30 }, (_, step) => ({
        stageKey: `train-${index}`,
        name: 'loss',
        step,
        value: 5 / (step + 1),
      })),
    );
    store.startTrial(trial.id);
    const items = rows
      .flatMap((row) => row.items)
      .map((item) => ({ ...item, prompt: `<p${item.item.length % 3}>Question: ${HOSTILE}` }));
    store.finishTrial(
      trial.id,
      9,
      rows.map(({ score }) => score),
      items,
      { stages: ['asked', `train-${index}`] },
    );
  }
  const record = readRun(store, id);
  html = await renderPage({ store, record, report: summarise(record), cache: cacheFolder(folder) });
  store.close();
  writeFileSync(join(folder, 'page.html'), html);
}, 60_000);

describe('the page', () => {
  it('asks nothing of the network and is small', () => {
    expect(/(?:src|href)="(?!data:)/.exec(html)).toBeNull();
    expect(/url\(|@import/.exec(html)).toBeNull();
    expect(statSync(join(folder, 'page.html')).size).toBeLessThan(3e6);
  });

  it('shows what comes from outside as text', () => {
    expect(html.includes(HOSTILE)).toBe(false);
    expect(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;')).toBe(true);
  });

  it('has every figure, and pictures with what was answered', () => {
    for (const title of [
      'Every variant with its 95% interval',
      'Effect of each axis',
      'Do the axes depend on each other?',
      'Score against cost',
      'Shots',
      'Learning curves',
    ]) {
      expect(html.includes(`<h2>${title}</h2>`)).toBe(true);
    }
    expect(html.match(/<svg/g)!.length).toBe(6);
    expect(html.match(/<img src="data:image\/webp;base64,/g)!.length).toBeGreaterThan(2);
    const text = html.replaceAll(/base64,[^"]*|<script>[\s\S]*?<\/script>/g, '');
    expect(/\bNaN\b/.exec(text)).toBeNull();
    expect(/\bundefined\b/.exec(text)).toBeNull();
  });
});

describe.skipIf(!CHROMIUM)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());

  async function open(width: number, colorScheme: 'light' | 'dark'): Promise<{ page: Page; said: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, bypassCSP: false });
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('dialog', (dialog) => said.push(`dialog ${dialog.message()}`));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) said.push(`request ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, 'page.html')).href);
    return { page, said };
  }

  it.each([
    ['light', 1000],
    ['dark', 1000],
    ['light', 390],
  ] as const)('says nothing in the console and never scrolls sideways: %s, %d px', async (scheme, width) => {
    const { page, said } = await open(width, scheme);
    const scroll = await page.evaluate<number>('document.documentElement.scrollWidth');
    const figures = await page.evaluate<number[]>(
      "[...document.querySelectorAll('figure svg')].map((svg) => svg.getBoundingClientRect().height)",
    );
    expect(said).toEqual([]);
    expect(scroll).toBeLessThanOrEqual(width);
    expect(figures).toHaveLength(6);
    for (const height of figures) expect(height).toBeGreaterThan(80);
    await page.close();
  });

  it('sorts a table by a column, up and down, also by the keyboard', async () => {
    const { page } = await open(1000, 'light');
    const table = page.locator('table[data-sortable]').first();
    const means = () => table.locator('tbody tr td:nth-child(5)').allTextContents();
    const best = (await means()).map(Number);
    expect(best).toEqual([...best].sort((a, b) => b - a));
    const button = table.getByRole('button', { name: 'mean' });
    await button.click();
    expect((await means()).map(Number)).toEqual([...best].sort((a, b) => a - b));
    await button.focus();
    await page.keyboard.press('Enter');
    expect((await means()).map(Number)).toEqual([...best].sort((a, b) => b - a));
    expect(await table.locator('th[aria-sort=descending]').count()).toBe(1);
    await page.close();
  });

  it('has room for a picture before the picture is there: what is below does not move away from a press', async () => {
    const { page } = await open(1000, 'light');
    const last = page.locator('.gallery img').last();
    const room = () =>
      page.evaluate<number>("document.querySelector('table[data-sortable]').getBoundingClientRect().top + scrollY");
    expect(await last.evaluate((picture: { complete: boolean }) => picture.complete)).toBe(false);
    const before = await room();
    await last.scrollIntoViewIfNeeded();
    await expect.poll(() => last.evaluate((picture: { complete: boolean }) => picture.complete)).toBe(true);
    expect(await room()).toBe(before);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has no serious fault of access: %s', async (scheme) => {
    const { page } = await open(1000, scheme);
    // The page's own policy lets no foreign script in: it is put in by the browser itself.
    const found = await page.evaluate(`${axe.source}; axe.run(document, { resultTypes: ['violations'] })`);
    const serious = (found as axe.AxeResults).violations.filter(
      ({ impact }) => impact === 'serious' || impact === 'critical',
    );
    expect(serious.map(({ id, nodes }) => [id, nodes.slice(0, 2).map(({ html: node }) => node.slice(0, 200))])).toEqual(
      [],
    );
    await page.close();
  });
});
