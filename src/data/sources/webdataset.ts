import { z } from 'zod';
import { json, utf8 } from './bytes.js';
import { captionDocument } from './documents.js';
import { dataFiles } from './files.js';
import { path, shortened, sourceKind } from './kind.js';
import { LeftOut } from './left-out.js';
import { type Sample, tarSamples } from './tar-samples.js';
import { userSource } from './user-source.js';

/** What the file name's end says is a picture, the one to take first where a sample has several. */
const PICTURES = ['jpg', 'jpeg', 'png', 'webp'];

const texts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const fields = z.object({ caption: texts.optional(), text: texts.optional(), rewritten: texts.optional() });

/**
 * WebDataset shards: tar files, gzipped or not, in which files that stand together under one name are a sample: a
 * picture (jpg, jpeg, png, webp) and its caption, in a txt or as `caption` or `text` of a json, which may hold `rewritten`
 * captions too. A txt comes before the json's caption, of which it is a copy in img2dataset's shards.
 */
export const webdataset = sourceKind({
  schema: shortened('shards', z.strictObject({ shards: path })),
  gives: () => ['caption'],
  files: (options, folder) => ({ files: dataFiles(options.shards, folder) }),
  async open(options, folder) {
    const shards = dataFiles(options.shards, folder);
    return userSource<Sample>({
      name: `webdataset ${options.shards}`,
      async *records() {
        for (const shard of shards) yield* tarSamples(shard, [...PICTURES, 'txt', 'json']);
      },
      async documents({ id, parts }, openImage) {
        const picture = PICTURES.map((end) => parts.get(end)).find((bytes) => bytes !== undefined);
        if (!picture) throw new LeftOut('no image');
        const [txt, metadata] = [parts.get('txt'), parts.get('json')];
        const { caption, text, rewritten } = metadata ? json(metadata, fields) : {};
        const alt = txt ? [utf8(txt)] : (caption ?? text ?? []);
        return [await captionDocument(id, async () => openImage(`${id}/image`, picture), alt, rewritten)];
      },
    });
  },
});
