import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Account } from '../../../src/data/sources/account.js';
import { guardImage } from '../../../src/data/sources/image-guard.js';
import { openSource, sourceSchema } from '../../../src/data/sources/index.js';
import { claiming, cutPicture, picture, temporaryFolder, write } from './own-data.js';

const folder = temporaryFolder();

describe('guardImage', () => {
  it('decodes from a path and from bytes alike', async () => {
    const bytes = await picture('#00ff00');
    write(folder, 'green.png', bytes);
    for (const source of [bytes, join(folder, 'green.png')]) {
      const image = await guardImage('id', source, new Account('a source'));
      expect(image.id).toBe('id');
      expect([...(await image.pixels(2))]).toEqual([0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0]);
    }
  });

  it('refuses a decompression bomb by its header, before memory is taken', async () => {
    const bomb = await claiming(40_000, 40_000);
    write(folder, 'bomb.jpg', bomb);
    const before = process.memoryUsage.rss();
    for (const source of [bomb, join(folder, 'bomb.jpg')]) {
      await expect(guardImage('id', source, new Account('a source'))).rejects.toMatchObject({
        reason: 'image of more than 100 megapixels',
      });
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20);
    await expect(guardImage('id', await claiming(10_000, 10_001), new Account('s'))).rejects.toMatchObject({
      reason: 'image of more than 100 megapixels',
    });
    await guardImage('id', await claiming(10_000, 10_000), new Account('s'));
  });

  it('refuses a file of more than 64 MiB, a missing one and a folder', async () => {
    write(folder, 'huge.png', Buffer.alloc(64 * 2 ** 20 + 1));
    const guard = (source: string) => guardImage('id', source, new Account('a source'));
    await expect(guard(join(folder, 'huge.png'))).rejects.toMatchObject({ reason: 'larger than 64 MiB' });
    await expect(guard(join(folder, 'gone.png'))).rejects.toMatchObject({ reason: 'missing image' });
    await expect(guard(folder)).rejects.toMatchObject({ reason: 'missing image' });
  });

  it('counts a picture that breaks only when it is decoded, once', async () => {
    const account = new Account('a source');
    account.see();
    const image = await guardImage('a/picture', await cutPicture(), account);
    const fault = { code: 'E_IMAGE', where: 'a/picture', message: expect.stringContaining('cannot be read') };
    await expect(image.pixels(4)).rejects.toMatchObject(fault);
    await expect(image.pixels(8)).rejects.toMatchObject(fault);
    expect(account.tally()).toEqual({ seen: 1, skipped: { 'broken image': 1 } });
  });
});

describe('a walk', () => {
  it('counts anew each time, and stops where its pictures turn out to be broken', async () => {
    write(folder, 'images/cut.jpg', await cutPicture());
    const page = { images: ['cut.jpg', null], texts: [null, 'text'] };
    write(folder, 'pages.jsonl', `${JSON.stringify(page)}\n`.repeat(300));
    const spec = sourceSchema.parse({ interleaved: { files: 'pages.jsonl', images: 'images' } });
    const source = await openSource(spec, folder);
    expect(source).toMatchObject({ name: 'interleaved pages.jsonl', licence: "the user's own" });
    const decoded = async () => {
      const codes: unknown[] = [];
      for await (const document of source.documents()) {
        const piece = document.kind === 'interleaved' ? document.pieces[0] : undefined;
        if (!piece || !('image' in piece)) throw new Error('no picture');
        codes.push(await piece.image.pixels(4).catch((error) => error.code));
      }
      return codes;
    };
    for (let times = 0; times < 2; times++) {
      await expect(decoded()).rejects.toMatchObject({ code: 'E_DATA' });
      expect(source.tally()).toEqual({ seen: 200, skipped: { 'broken image': 199 } });
    }
  });
});

describe('a pipe', () => {
  it('is no data file', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.jsonl')]);
    await expect(openSource(sourceSchema.parse({ jsonl: 'pipe.jsonl' }), folder)).rejects.toMatchObject({
      code: 'E_DATA',
    });
  });
});
