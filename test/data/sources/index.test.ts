import { describe, expect, it } from 'vitest';
import { openSource, SOURCE_KINDS, sourceSchema } from '../../../src/data/sources/index.js';
import { temporaryFolder, write } from './own-data.js';

describe('sourceSchema', () => {
  it('takes one format with its options, or its first option alone', () => {
    expect(sourceSchema.parse({ webdataset: 'a.tar' })).toEqual({ webdataset: { shards: 'a.tar' } });
    expect(sourceSchema.parse({ jsonl: { files: 'a', field: 'body' } })).toEqual({
      jsonl: { files: 'a', field: 'body' },
    });
    expect(sourceSchema.parse({ text: 'a' })).toEqual({ text: { files: 'a', document: 'file' } });
  });

  it('says what is wrong, and where', () => {
    const faults = (spec: unknown) =>
      sourceSchema.safeParse(spec).error?.issues.map(({ path, message }) => [path.join('.'), message]);
    expect(faults({})).toEqual([['', `must name one format: ${SOURCE_KINDS.join(', ')}`]]);
    expect(faults({ text: 'a', jsonl: 'b' })).toEqual([['', `must name one format: ${SOURCE_KINDS.join(', ')}`]]);
    expect(faults({ webdataset: '' })).toEqual([['webdataset.shards', 'must be a path']]);
    expect(faults({ webdatset: 'a' })?.[0]?.[1]).toContain('webdatset');
    expect(faults({ text: { files: 'a', documents: 'line' } })?.[0]?.[1]).toContain('documents');
    const vqa = { questions: 'a', annotations: 'b', images: 'c', image_name: 'x.jpg' };
    expect(faults({ vqa })).toEqual([['vqa.image_name', 'must hold {id}, or {012} for 12 digits']]);
    expect(faults({ parquet: { files: 'a', question: 'q' } })).toEqual([
      ['parquet', 'question and answer belong together'],
    ]);
  });
});

describe('openSource', () => {
  const folder = temporaryFolder();

  it('keeps its memory flat over a long stream, and keeps nothing that it gave', async () => {
    const line = (i: number) => `${JSON.stringify({ text: `${i} ${'word '.repeat(400)}` })}\n`;
    write(folder, 'long.jsonl', Array.from({ length: 50_000 }, (_, i) => line(i)).join('')); // 100 MB
    const source = await openSource(sourceSchema.parse({ jsonl: 'long.jsonl' }), folder);
    const held: number[] = [];
    let count = 0;
    for await (const _ of source.documents()) {
      if (++count % 10_000 === 0) held.push(process.memoryUsage.rss());
    }
    expect(count).toBe(50_000);
    expect(held.at(-1)! - held[0]!).toBeLessThan(64 * 2 ** 20);
  });

  it('lets go of its file where a walk is left early', async () => {
    write(folder, 'short.jsonl', '{"text":"one"}\n{"text":"two"}\n');
    const source = await openSource(sourceSchema.parse({ jsonl: 'short.jsonl' }), folder);
    for (let times = 0; times < 2000; times++) {
      for await (const document of source.documents()) {
        expect(document.id).toBe('short.jsonl:1');
        break;
      }
    }
    expect(source.tally()).toEqual({ seen: 1, skipped: {} });
  });
});
