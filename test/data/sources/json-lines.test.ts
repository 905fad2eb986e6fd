import { describe, expect, it } from 'vitest';
import { picture, temporaryFolder, walk, write } from './own-data.js';

const folder = temporaryFolder();
write(folder, 'images/red.png', await picture('#ff0000'));
write(folder, 'images/blue.png', await picture('#0000ff'));
write(folder, 'secret.png', await picture('#000000'));
const interleaved = { files: 'pages.jsonl', images: 'images' };
const rows = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');

describe('interleaved JSONL', () => {
  it("reads OBELICS' form, and MMC4's with a picture before its sentence", async () => {
    write(
      folder,
      'pages.jsonl',
      rows(
        { images: [null, 'red.png', null], texts: ['First,', null, 'second.'], metadata: [] },
        {
          text_list: ['One.', 'Two.'],
          image_info: [
            { image_name: 'blue.png', matched_text_index: 1 },
            { image_name: 'red.png', matched_text_index: 1 },
          ],
        },
      ),
    );
    const { documents, fault } = await walk({ interleaved }, folder);
    expect(fault).toBeUndefined();
    expect(documents).toMatchObject([
      {
        kind: 'interleaved',
        id: 'pages.jsonl:1',
        pieces: [{ text: 'First,' }, { image: { id: 'images/red.png' } }, { text: 'second.' }],
      },
      {
        id: 'pages.jsonl:2',
        pieces: [{ text: 'One.' }, { image: { id: 'images/blue.png' } }, { image: {} }, { text: 'Two.' }],
      },
    ]);
    const second = documents[1];
    const image =
      second?.kind === 'interleaved' && second.pieces[1] && 'image' in second.pieces[1] && second.pieces[1].image;
    expect(image && [...(await image.pixels(1))]).toEqual([0, 0, 255]);
  });

  it('leaves out documents without a picture or with more than 30, and what breaks another rule', async () => {
    const page = (images: number) => ({
      images: [...Array.from({ length: images }, () => 'red.png'), null],
      texts: [...Array.from({ length: images }, () => null), 'text'],
    });
    write(
      folder,
      'bad.jsonl',
      `${rows(
        page(0),
        page(30),
        page(31),
        { images: ['https://example.org/x.png', null], texts: [null, 'x'] },
        { images: ['../secret.png', null], texts: [null, 'x'] },
        { images: ['red.png'], texts: [' '] },
        { images: ['red.png'], texts: [] },
        { images: ['red.png', null], texts: [null, null] },
      )}\n{"images":`,
    );
    const { documents, tally } = await walk({ interleaved: { ...interleaved, files: 'bad.jsonl' } }, folder);
    expect(documents.map(({ id }) => id)).toEqual(['bad.jsonl:2']);
    expect(tally).toEqual({
      seen: 9,
      skipped: {
        'no image': 1,
        'more than 30 images': 1,
        'missing image': 1,
        'path outside its folder': 1,
        'empty text': 2,
        'other fields than the format has': 1,
        'invalid JSON': 1,
      },
    });
  });
});

describe('JSONL text', () => {
  it('gives one field of each line, across chunks and line ends of every kind', async () => {
    const long = 'ü'.repeat(300_000);
    write(
      folder,
      'text.jsonl',
      `\ufeff${rows({ text: 'one', n: 1 })}\r\n\n${rows({ text: long }, { text: ' last ' })}`,
    );
    const { documents, tally } = await walk({ jsonl: 'text.jsonl' }, folder);
    expect(documents).toEqual([
      { kind: 'text', id: 'text.jsonl:1', text: 'one' },
      { kind: 'text', id: 'text.jsonl:3', text: long },
      { kind: 'text', id: 'text.jsonl:4', text: 'last' },
    ]);
    expect(tally).toEqual({ seen: 3, skipped: {} });
  });

  it('leaves out what breaks a rule, by its reason', async () => {
    const bytes = [rows({ body: 'x' }), rows({ text: 'x' }), rows({ body: '' }), '{"body": "', '"}', 'null'].join('\n');
    write(folder, 'bad-text.jsonl', Buffer.concat([Buffer.from(bytes), Buffer.from('\n{"body": "\xff"}', 'latin1')]));
    const { documents, tally } = await walk({ jsonl: { files: 'bad-text.jsonl', field: 'body' } }, folder);
    expect(documents).toHaveLength(1);
    expect(tally).toEqual({
      seen: 7,
      skipped: { 'other fields than the format has': 2, 'empty text': 1, 'invalid JSON': 2, 'invalid UTF-8': 1 },
    });
  });
});

describe('plain text', () => {
  const content = 'A first line\nand a second.\n\r\nA paragraph.\n';

  it('is a document a file, a paragraph or a line', async () => {
    write(folder, 'a.txt', content);
    write(folder, 'b.txt', 'B');
    const texts = async (options: object | string) =>
      (await walk({ text: options }, folder)).documents.map((each) => each.kind === 'text' && [each.id, each.text]);
    expect(await texts('{b,a}.txt')).toEqual([
      ['b.txt', 'B'],
      ['a.txt', content.trim()],
    ]);
    expect(await texts({ files: '*.txt', document: 'paragraph' })).toEqual([
      ['a.txt:1', 'A first line\nand a second.'],
      ['a.txt:4', 'A paragraph.'],
      ['b.txt:1', 'B'],
    ]);
    expect(await texts({ files: 'a.txt', document: 'line' })).toEqual([
      ['a.txt:1', 'A first line'],
      ['a.txt:2', 'and a second.'],
      ['a.txt:4', 'A paragraph.'],
    ]);
  });

  it('leaves out a file that is empty, no UTF-8, or too large', async () => {
    write(folder, 'wrong/empty.txt', ' \n');
    write(folder, 'wrong/huge.txt', Buffer.alloc(64 * 2 ** 20 + 1, 'x'));
    write(folder, 'wrong/latin.txt', Buffer.from([0x67, 0x72, 0xfc, 0x6e]));
    const { tally } = await walk({ text: 'wrong/*.txt' }, folder);
    expect(tally.skipped).toEqual({ 'empty text': 1, 'larger than 64 MiB': 1, 'invalid UTF-8': 1 });
    const lines = await walk({ text: { files: 'wrong/huge.txt', document: 'line' } }, folder);
    expect(lines.tally).toEqual({ seen: 1, skipped: { 'larger than 64 MiB': 1 } });
  });
});
