import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { colourOf, picture, temporaryFolder, walk, write } from './own-data.js';

// Written by pyarrow: see fixtures/make-parquet.py.
const folder = temporaryFolder();
for (const name of ['captions.parquet', 'questions.parquet', 'invalid-utf8.parquet', 'large-group.parquet']) {
  copyFileSync(join(import.meta.dirname, 'fixtures', name), join(folder, name));
}
write(folder, 'beside.png', await picture('#0000ff'));

describe('Hugging Face Parquet', () => {
  it('gives pictures inside the file and beside it, with captions, over several row groups', async () => {
    const { documents, tally, fault } = await walk({ parquet: 'captions.parquet' }, folder);
    expect(fault).toBeUndefined();
    expect(documents).toMatchObject([
      { kind: 'caption', id: 'captions.parquet:0', alt: ['a red square'], image: { id: 'captions.parquet:0/image' } },
      { kind: 'caption', id: 'captions.parquet:1', alt: ['a square that lies beside the file'] },
      { kind: 'caption', id: 'captions.parquet:2', alt: ['größer als nichts'] },
    ]);
    expect(await Promise.all(documents.map(colourOf))).toEqual(['#ff0000', '#0000ff', '#ff0000']);
    expect(tally).toEqual({ seen: 3, skipped: {} });
  });

  it('gives questions with lists of answers', async () => {
    const options = { files: 'questions.parquet', question: 'question', answer: 'answers' };
    const { documents } = await walk({ parquet: options }, folder);
    expect(documents).toMatchObject([
      { kind: 'question', question: 'What colour?', answers: ['red', 'crimson'] },
      { question: 'Where?', answers: ['beside'] },
      { question: 'What shape?', answers: ['square'] },
    ]);
  });

  it('gives text alone, and leaves out what is no UTF-8', async () => {
    const { documents, tally } = await walk({ parquet: { files: 'invalid-utf8.parquet', text: 'text' } }, folder);
    expect(documents).toEqual([
      { kind: 'text', id: 'invalid-utf8.parquet:0', text: 'one' },
      { kind: 'text', id: 'invalid-utf8.parquet:2', text: 'two' },
    ]);
    expect(tally).toEqual({ seen: 3, skipped: { 'invalid UTF-8': 1 } });
  });

  it.each([
    [{ caption: 'caption' }, 'expected caption (text), image (image)'],
    [{ caption: 'label' }, 'expected label (text), image (image)'],
    [{ caption: 'origin' }, 'expected origin (text), image (image)'],
    [{ image: 'text' }, 'expected text (image)'],
    [{ image: 'origin' }, 'expected text (text), origin (image)'],
    [{ text: 'image' }, 'expected image (text)'],
  ])('refuses other columns whole: %o', async (options, expected) => {
    await expect(walk({ parquet: { files: 'captions.parquet', ...options } }, folder)).rejects.toMatchObject({
      code: 'E_DATA',
      message: `A Parquet file has other columns: found image (struct), text (string), label (int64), origin (struct); ${expected}`,
      where: join(folder, 'captions.parquet'),
    });
  });

  it('names a file that is no Parquet, and one that is damaged', async () => {
    write(folder, 'none.parquet', 'no Parquet, but longer than a footer');
    await expect(walk({ parquet: 'none.parquet' }, folder)).rejects.toMatchObject({ code: 'E_DATA' });
    const damaged = readFileSync(join(folder, 'captions.parquet'));
    damaged.fill(0xff, 4, 200);
    write(folder, 'damaged.parquet', damaged);
    const { fault } = await walk({ parquet: 'damaged.parquet' }, folder);
    expect(fault).toMatchObject({ code: 'E_DATA', where: join(folder, 'damaged.parquet') });
  });

  it('refuses a row group that has no room in memory, where the pictures are asked for', async () => {
    await expect(walk({ parquet: 'large-group.parquet' }, folder)).rejects.toMatchObject({
      code: 'E_DATA',
      message: 'Row group 0 of a Parquet file holds 67 MiB: 64 MiB is the most',
      where: join(folder, 'large-group.parquet'),
    });
    const { documents } = await walk({ parquet: { files: 'large-group.parquet', text: 'text' } }, folder);
    expect(documents).toMatchObject([{ text: 'one' }, { text: 'two' }]);
  });

  it('leaves out a picture that lies outside its folder', async () => {
    const bytes = readFileSync(join(folder, 'captions.parquet'));
    const climbing = Buffer.from(bytes.toString('latin1').replaceAll('beside.png', '../../.png'), 'latin1');
    write(folder, 'climbing.parquet', climbing);
    const { tally } = await walk({ parquet: 'climbing.parquet' }, folder);
    expect(tally.skipped).toEqual({ 'path outside its folder': 1 });
  });
});
