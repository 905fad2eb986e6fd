import { loadEmojiCorpus } from '../../data/emoji/corpus.js';
import { writeImageSet } from '../../data/image-set.js';
import type { StageRunner } from './stage-kind.js';

/** Draws every picture of the corpus at one resolution. */
export const images: StageRunner<'images'> = async ({ concepts, resolution }, context) => {
  const corpus = loadEmojiCorpus({ concepts });
  let said = Promise.resolve();
  const bytes = await writeImageSet(context.folder, corpus.images, resolution, (done, total) => {
    said = context.progress({ done, total });
    said.catch(() => {}); // looked at below: drawing has no place to stop at
  });
  await said;
  return { pictures: corpus.images.length, bytes };
};
