import { z } from 'zod';
import { json } from './bytes.js';
import { captionDocument } from './documents.js';
import { dataFiles, dataFolder, inside } from './files.js';
import { jsonElements } from './json-elements.js';
import { path, sourceKind } from './kind.js';
import { LeftOut, orLeftOut } from './left-out.js';
import { userSource } from './user-source.js';

const image = z.object({ id: z.int(), file_name: z.string() });
const annotation = z.object({ image_id: z.int(), caption: z.string() });

interface Captioned {
  readonly id: string;
  readonly file: string;
  readonly captions: readonly string[];
}

/**
 * COCO captions (Chen et al., 2015): one document for each picture, with all of its captions. The file lists pictures and
 * captions apart, in any order, so a walk keeps the captions that it has not given yet; pictures are read one by one.
 */
export const coco = sourceKind({
  schema: z.strictObject({ annotations: path, images: path }),
  gives: () => ['caption'],
  files: ({ annotations, images }, folder) => ({
    files: dataFiles(annotations, folder),
    pictures: dataFolder(images, folder),
  }),
  async open(options, folder) {
    const files = dataFiles(options.annotations, folder);
    const images = dataFolder(options.images, folder);
    return userSource<Captioned>({
      name: `coco ${options.annotations}`,
      async *records() {
        for (const { name, path } of files) yield* captioned(name, path);
      },
      documents: async ({ id, file, captions }, openImage) => [
        await captionDocument(id, async () => openImage(id, inside(images, file)), captions),
      ],
    });
  },
});

async function* captioned(name: string, path: string): AsyncGenerator<Captioned | LeftOut> {
  const captions = new Map<number, string[]>();
  for await (const { member, bytes } of jsonElements(path)) {
    if (member !== 'annotations') continue;
    const row = orLeftOut(() => json(bytes, annotation));
    if (row instanceof LeftOut) yield row;
    else {
      const others = captions.get(row.image_id);
      if (others) others.push(row.caption);
      else captions.set(row.image_id, [row.caption]);
    }
  }
  for await (const { member, bytes } of jsonElements(path)) {
    if (member !== 'images') continue;
    const row = orLeftOut(() => json(bytes, image));
    if (row instanceof LeftOut) yield row;
    else {
      yield { id: `${name}#${row.id}`, file: row.file_name, captions: captions.get(row.id) ?? [] };
      captions.delete(row.id);
    }
  }
  for (const _caption of captions) yield new LeftOut('no image');
}
