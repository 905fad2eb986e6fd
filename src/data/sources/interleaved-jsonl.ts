import { z } from 'zod';
import { json } from './bytes.js';
import { interleavedDocument, type LaterImage } from './documents.js';
import { dataFiles, dataFolder, inside } from './files.js';
import { path, sourceKind } from './kind.js';
import { filledLines } from './lines.js';
import { userSource } from './user-source.js';

/** OBELICS (Laurençon et al., 2023): two lists of one length; at each place stands a text or a picture. */
const obelics = z
  .object({ images: z.array(z.string().nullable()), texts: z.array(z.string().nullable()) })
  .refine(({ images, texts }) => images.length === texts.length);

/** MMC4 (Zhu et al., 2023): sentences, and pictures each of which belongs to one of them. */
const mmc4 = z.object({
  text_list: z.array(z.string()),
  image_info: z.array(z.object({ image_name: z.string(), matched_text_index: z.int().nonnegative() })),
});

type Piece = { readonly text: string } | { readonly picture: string };

const page = z.union([
  obelics.transform(({ images, texts }) =>
    texts.flatMap((text, i): Piece[] => [...pictureOf(images[i]), ...(text === null ? [] : [{ text }])]),
  ),
  // A picture stands before its sentence, as OpenFlamingo shows it.
  mmc4.transform(({ text_list, image_info }) =>
    text_list.flatMap((text, i): Piece[] => [
      ...image_info.filter((image) => image.matched_text_index === i).map((image) => ({ picture: image.image_name })),
      { text },
    ]),
  ),
]);

function pictureOf(picture: string | null | undefined): Piece[] {
  return typeof picture === 'string' ? [{ picture }] : [];
}

/**
 * Interleaved documents as JSONL, in OBELICS' or MMC4's form. Pictures are files in a folder: nothing is downloaded, so
 * an address in a picture's place counts as a missing image.
 */
export const interleaved = sourceKind({
  schema: z.strictObject({ files: path, images: path }),
  gives: () => ['interleaved'],
  files: ({ files, images }, folder) => ({ files: dataFiles(files, folder), pictures: dataFolder(images, folder) }),
  async open(options, folder) {
    const files = dataFiles(options.files, folder);
    const images = dataFolder(options.images, folder);
    return userSource({
      name: `interleaved ${options.files}`,
      records: () => filledLines(files),
      async documents({ id, bytes }, openImage) {
        const later = (picture: string): LaterImage => {
          return async () => openImage(`${options.images}/${picture}`, inside(images, picture));
        };
        const pieces = json(bytes, page).map((piece) => ('picture' in piece ? { image: later(piece.picture) } : piece));
        return [await interleavedDocument(id, pieces)];
      },
    });
  },
});
