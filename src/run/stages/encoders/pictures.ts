import { type Concept, loadEmojiCorpus, trainingImages } from '../../../data/emoji/corpus.js';
import { openImageSet } from '../../../data/image-set.js';

/** The training pictures, decoded, each with what it shows. */
export interface TrainingPictures {
  /** RGB, [n, resolution, resolution, 3] */
  readonly pixels: Uint8Array;
  readonly resolution: number;
  /** [n] */
  readonly concepts: readonly Concept[];
}

/** Decodes the training pictures of an image set's folder; a picture that its vendor left blank is not among them. */
export async function loadTrainingPictures(folder: string, concepts: number): Promise<TrainingPictures> {
  const set = await openImageSet(folder);
  const drawn = trainingImages(loadEmojiCorpus({ concepts })).filter(({ id }) => set.indexOf(id) >= 0);
  const pixels = await set.decodeAll(drawn.map(({ id }) => set.indexOf(id)));
  await set.close();
  return { pixels, resolution: set.resolution, concepts: drawn.map(({ concept }) => concept) };
}
