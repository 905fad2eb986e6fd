import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { colourOf, picture, tar, temporaryFolder, walk, write } from './own-data.js';

const folder = temporaryFolder();
const [red, green, blue] = [
  await picture('#ff0000', 'jpeg'),
  await picture('#00ff00'),
  await picture('#0000ff', 'webp'),
];

describe('a WebDataset', () => {
  it('gives the samples of its shards in order, with captions of txt and json', async () => {
    write(
      folder,
      'shards/0000.tar',
      await tar([
        ['a/one.JPG', red],
        ['a/one.txt', 'a red square\n'],
        ['a/one.json', JSON.stringify({ caption: 'a copy', rewritten: ['a square of pure red'], url: 'x' })],
        ['README.md', 'passed over'],
        ['a/._one.txt', 'passed over too'],
        ['a/.jpg', red],
        ['a/two.json', JSON.stringify({ text: 'a green square' })],
        ['a/two.cls', '3'],
        ['a/two.png', green],
      ]),
    );
    write(
      folder,
      'shards/0001.tar',
      await tar([
        ['one.webp', blue],
        ['one.json', '{"text":"page","caption":["blue","azure"]}'],
      ]),
    );
    const { documents, tally, fault } = await walk({ webdataset: 'shards/{0000..0001}.tar' }, folder);
    expect(fault).toBeUndefined();
    expect(documents).toMatchObject([
      { kind: 'caption', id: 'shards/0000.tar/a/one', alt: ['a red square'], rewritten: ['a square of pure red'] },
      { kind: 'caption', id: 'shards/0000.tar/a/two', alt: ['a green square'], rewritten: [] },
      { kind: 'caption', id: 'shards/0001.tar/one', alt: ['blue', 'azure'] },
    ]);
    expect(await colourOf(documents[1])).toBe('#00ff00');
    expect(await colourOf(documents[2])).toBe('#0000ff');
    expect(documents[0]).toMatchObject({ image: { id: 'shards/0000.tar/a/one/image' } });
    expect(tally).toEqual({ seen: 3, skipped: {} });
  });

  it('reads gzipped shards, and * in a name', async () => {
    const shard = await tar([
      ['x.png', green],
      ['x.txt', 'green'],
    ]);
    write(folder, 'zipped/b.tar.gz', gzipSync(shard));
    write(folder, 'zipped/a.tgz', gzipSync(shard));
    write(folder, 'zipped/._a.tgz', 'what a Mac leaves beside a file');
    const { documents } = await walk({ webdataset: { shards: 'zipped/*gz' } }, folder);
    expect(documents.map(({ id }) => id)).toEqual(['zipped/a.tgz/x', 'zipped/b.tar.gz/x']);
  });

  it('leaves out what breaks a rule, by its reason', async () => {
    const good: [string, Buffer | string][] = [
      ['good.png', green],
      ['good.txt', 'green'],
    ];
    write(
      folder,
      'bad.tar',
      await tar([
        ['../climbs.png', green],
        ['/absolute.png', green],
        ['a/../../climbs.txt', 'x'],
        ['C:\\windows.png', green],
        ['a\\..\\..\\windows.png', green],
        ['soft.png', { type: 'symlink' }],
        ['hard.png', { type: 'link' }],
        ...good,
        ['empty.png', green],
        ['empty.txt', ' \n'],
        ['alone.txt', 'no picture'],
        ['latin.png', green],
        ['latin.txt', Buffer.from([0x67, 0x72, 0xfc, 0x6e])],
        ['broken.jpg', Buffer.from('no picture')],
        ['broken.txt', 'broken'],
        ['form.png', green],
        ['form.json', '{"caption": 3}'],
        ['cut.png', green],
        ['cut.json', '{"caption": '],
      ]),
    );
    const { documents, tally, fault } = await walk({ webdataset: 'bad.tar' }, folder);
    expect(documents.map(({ id }) => id)).toEqual(['bad.tar/good']);
    expect(tally).toEqual({
      seen: 14,
      skipped: {
        'path outside its folder': 5,
        'link or device': 2,
        'empty caption': 1,
        'no image': 1,
        'invalid UTF-8': 1,
        'broken image': 1,
        'other fields than the format has': 1,
        'invalid JSON': 1,
      },
    });
    expect(fault).toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining('13 of 14 left out: 5 path outside'),
    });
  });

  it('leaves out a file of more than 64 MiB and goes on', async () => {
    const entries: [string, Buffer | string][] = [
      ['huge.png', green],
      ['huge.txt', Buffer.alloc(64 * 2 ** 20 + 1, 'x')],
    ];
    write(folder, 'huge.tar', await tar([...entries, ['x.png', green], ['x.txt', 'green']]));
    const { documents, tally } = await walk({ webdataset: 'huge.tar' }, folder);
    expect(documents.map(({ id }) => id)).toEqual(['huge.tar/x']);
    expect(tally.skipped).toEqual({ 'larger than 64 MiB': 1 });
  });

  it('refuses a set with missing shards whole, and names them', async () => {
    await expect(walk({ webdataset: 'shards/{0000..0009}.tar' }, folder)).rejects.toMatchObject({
      code: 'E_DATA',
      message:
        '8 of 10 data files missing: shards/0002.tar, shards/0003.tar, shards/0004.tar, shards/0005.tar, shards/0006.tar and 3 more',
    });
    await expect(walk({ webdataset: 'none/*.tar' }, folder)).rejects.toMatchObject({
      message: 'No file matches none/*.tar',
    });
  });

  it('names a shard that is cut or no tar', async () => {
    const shard = await tar([
      ['x.png', green],
      ['x.txt', Buffer.alloc(5000, 'x')],
      ['y.png', green],
      ['y.txt', 'y'],
    ]);
    write(folder, 'cut.tar', shard.subarray(0, 3000));
    write(folder, 'text.tar', 'no tar '.repeat(200));
    write(folder, 'cut.tar.gz', gzipSync(shard).subarray(0, 60));
    for (const name of ['cut.tar', 'text.tar', 'cut.tar.gz']) {
      const { fault } = await walk({ webdataset: name }, folder);
      expect(fault).toMatchObject({ code: 'E_DATA', where: expect.stringContaining(name) });
    }
  });
});
