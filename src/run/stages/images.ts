import { drawnImage } from '../../data/corpora/emoji.js';
import { atDetail } from '../../data/detail.js';
import { loadEmojiCorpus } from '../../data/emoji/corpus.js';
import { writeImageSet } from '../../data/image-set.js';
import { evaluationItems } from '../../evaluate/tasks/index.js';
import type { StageRunner } from './stage-kind.js';

/** Draws every picture that an evaluation asks about, at one resolution. */
export const images: StageRunner<'images'> = async ({ concepts, evaluation, resolution, detail }, context) => {
  const asked = evaluationItems(loadEmojiCorpus({ concepts }), evaluation).flatMap(({ items }) => items);
  const pictures = [...new Map(asked.map(({ image }) => [image.id, drawnImage(image)])).values()];
  const shown = detail === undefined ? pictures : pictures.map((picture) => atDetail(picture, detail));
  let said = Promise.resolve();
  const bytes = await writeImageSet(context.folder, shown, resolution, (done, total) => {
    said = context.progress({ done, total });
    said.catch(() => {}); // looked at below: drawing has no place to stop at
  });
  await said;
  return { pictures: shown.length, bytes };
};
