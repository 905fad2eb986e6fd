import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeatureWriter } from '../../../src/data/feature-set.js';
import type { Batch } from '../../../src/train/batches/arrays.js';
import { batchesInThread } from '../../../src/train/batches/batch-thread.js';
import { type Batches, batchesHere } from '../../../src/train/batches/batches.js';
import { type BatchKind, openSource, type SettingsOf } from '../../../src/train/batches/index.js';
import { type BuiltPackage, buildPackage } from '../../built-package.js';
import { captionFolder, type GivenCaption } from '../../data/caption-folder.js';
import { documentFolder } from '../../data/document-folder.js';

const SIDE = 28;
const PATCH = 7;
const documents: readonly GivenCaption[] = Array.from({ length: 12 }, (_, i) => ({
  alt: [`name ${i}`],
  rewritten: [`all of name ${i}`],
  ...(i % 3 === 0 && { parts: [{ box: [0, 0, 0.5, 1] as const, phrase: `upper ${i}` }] }),
}));
let built: BuiltPackage;
let folder: string;
const features = mkdtempSync(join(tmpdir(), 'mm1-features-'));
const text = documentFolder({ short: [1, 2, 3].map((i) => ({ kind: 'text', id: `${i}`, text: `text of ${i}` })) });

beforeAll(async () => {
  built = buildPackage('none');
  folder = await captionFolder(documents, SIDE, (picture, y, x) => [20 * picture, 9 * y, 9 * x]);
  const writer = new FeatureWriter(features);
  const ids = documents.map((_, i) => `picture ${i}`);
  writer.append(
    ids,
    Float32Array.from({ length: 12 * 2 * 3 }, (_, i) => Math.sin(i)),
  );
  writer.close(2, 3);
});
afterAll(() => built.remove());

const entry = () => pathToFileURL(join(built.root, 'dist', 'train', 'batches', 'thread.js'));

/** What a kind is opened from. */
function settings<K extends BatchKind>(kind: K): SettingsOf<K>[] {
  const drawn = { batch: 4, patch: PATCH, keepPatches: 9, seed: 3, tokens: 16, rewritten: 0.3, mismatched: 0.2 };
  const from = (source: string) => [{ source, weight: 1 }];
  const recipe = {
    ...{ caption: 2, interleaved: 0, text: 1, question: 0, vecap: 0.25 },
    ...{ caption_from: from('test'), interleaved_from: [], text_from: from('short'), question_from: [] },
  };
  const sequences = { corpora: { caption: folder, text }, recipe, seed: 5, batch: 6, accumulate: 2 };
  const pictures = [
    { folders: [features], features: [2, 3] as const },
    { folders: [folder], resolution: SIDE, patch: PATCH },
  ];
  const words = { ...recipe, caption: 0, caption_from: [] };
  const all: { [Kind in BatchKind]: SettingsOf<Kind>[] } = {
    autoregressive: [{ ...drawn, corpus: folder }],
    contrastive: [{ ...drawn, corpus: folder }],
    regions: [{ ...drawn, corpus: folder }],
    language: [{ ...sequences, corpora: { text }, recipe: words, room: { text: 40, images: 0, slots: 0 } }],
    multimodal: pictures.map((shown) => ({ ...sequences, room: { text: 40, images: 2, slots: 3 }, pictures: shown })),
  };
  return all[kind];
}

/** Every batch of a span, and what its source remembers. */
async function every(batches: Batches<Batch>, first: number, data: unknown) {
  batches.begin({ first, steps: 4, parts: 2, data });
  const made = [];
  for (let i = first * 2; i < 8; i++) made.push(await batches.next());
  await batches.close();
  return { facts: batches.facts, made };
}

describe('a thread of the built package', () => {
  it.each(['autoregressive', 'contrastive', 'regions', 'language', 'multimodal'] as const)(
    'makes the batches that this thread makes, bit for bit, and remembers what it would: %s',
    async (kind) => {
      for (const given of settings(kind)) {
        const here = async () => batchesHere(await openSource(kind, given)) as unknown as Batches<Batch>;
        const there = () => batchesInThread(entry(), { kind, settings: given });
        const whole = await every(await here(), 0, null);
        expect(await every(await there(), 0, null)).toEqual(whole);
        const { data } = whole.made[3]!;
        expect((await every(await there(), 2, data)).made).toEqual(whole.made.slice(4));
      }
    },
  );

  it('that cannot open what it is to draw from says so as this one would', async () => {
    const [given] = settings('language');
    const request = { kind: 'language', settings: { ...given, corpora: { text: features } } };
    await expect(batchesInThread(entry(), request)).rejects.toMatchObject({
      name: 'Mm1Error',
      code: 'E_CORPUS',
      where: join(features, 'documents.json'),
      remedy: expect.stringContaining('Remove the folder'),
    });
  });

  it('whose pictures are damaged says so at the turn of the batch', async () => {
    const damaged = await captionFolder(documents, SIDE, () => [1, 2, 3]);
    writeFileSync(join(damaged, 'images.bin'), '');
    const [given] = settings('autoregressive');
    const batches = await batchesInThread(entry(), { kind: 'autoregressive', settings: { ...given, corpus: damaged } });
    batches.begin({ first: 0, steps: 2, parts: 1, data: null });
    await expect(batches.next()).rejects.toMatchObject({ name: 'Mm1Error', code: 'E_IMAGE' });
    await batches.close();
  });

  it('is what a process opens, and does not keep it alive when it is done, though nobody closed it', async () => {
    const [given] = settings('contrastive');
    const module = (name: string) => pathToFileURL(join(built.root, 'dist', 'train', 'batches', name)).href;
    const script = `
      process.once('worker', () => console.log('a thread'));
      const { openBatches } = await import(${JSON.stringify(module('open.js'))});
      const batches = await openBatches('contrastive', ${JSON.stringify(given)});
      batches.begin({ first: 0, steps: 500, parts: 1, data: null });
      const { arrays } = await batches.next();
      console.log(arrays.patches.shape.join());
    `;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
    expect((await run).stdout.split('\n')).toEqual(['a thread', '4,9,147', '']);
  });
});

describe('a thread that ends by itself', () => {
  const at = mkdtempSync(join(tmpdir(), 'mm1-thread-'));
  afterAll(() => rmSync(at, { recursive: true }));
  const thread = (source: string) => {
    const file = join(at, `${Math.random()}.mjs`);
    writeFileSync(file, `import { parentPort } from 'node:worker_threads';\n${source}`);
    return pathToFileURL(file);
  };
  const OPENED = `parentPort.postMessage({ type: 'opened', facts: {} });`;

  it.each([
    ['ends', 'process.exit(0);', 'has ended'],
    ['throws', `throw new Error('out of everything');`, 'out of everything'],
  ])('is found out when the next batch is due: it %s', async (_, last, message) => {
    const batches = await batchesInThread(thread(`${OPENED} parentPort.once('message', () => { ${last} });`), null);
    batches.begin({ first: 0, steps: 2, parts: 1, data: null });
    await expect(batches.next()).rejects.toThrow(message);
    await batches.close();
  });

  it('is found out when it never opens', async () => {
    await expect(batchesInThread(thread(`throw new Error('no such module')`), null)).rejects.toThrow('no such module');
  });

  it('gives the batches that it had made before', async () => {
    const made = `parentPort.postMessage({ type: 'made', made: { arrays: {}, data: 1 } });`;
    const source = `${OPENED} parentPort.once('message', () => { ${made} ${made} setTimeout(() => process.exit(0)); });`;
    const batches = await batchesInThread(thread(source), null);
    batches.begin({ first: 0, steps: 3, parts: 1, data: null });
    await batches.next();
    expect(await batches.next()).toEqual({ arrays: {}, data: 1 });
    await expect(batches.next()).rejects.toThrow('has ended');
    await batches.close();
  });
});
