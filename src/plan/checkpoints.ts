import { join, resolve } from 'node:path';
import type { CheckpointReader, LoadedPart } from '../config/checkpoints.js';
import type { Checkpoint } from '../config/recipe.js';
import { loadTokenizer, TOKENIZER_FILE } from '../data/tokenizer/index.js';
import { Mm1Error } from '../errors.js';
import { checkDecoder, checkpointFiles, checkVisionTower } from '../model/huggingface/index.js';
import { digestOfFiles } from '../store/digest.js';

/** Looks at the folder of a part, and says the sizes of what is in it. */
const LOOKS: Readonly<Record<LoadedPart, (folder: string) => Checkpoint['sizes']>> = {
  encoder: (folder) => ({ ...checkVisionTower(folder) }),
  language_model(folder) {
    const { config } = checkDecoder(folder);
    const file = join(folder, TOKENIZER_FILE);
    const { vocabularySize } = loadTokenizer(file);
    if (vocabularySize <= config.vocab_size) return { ...config } as Checkpoint['sizes'];
    throw new Mm1Error(`the tokenizer has ${vocabularySize} entries, and the model knows ${config.vocab_size}`, {
      code: 'E_CHECKPOINT',
      where: file,
      remedy: 'Put the tokenizer beside the model that it was made for.',
    });
  },
};

/**
 * Makes a reader of a grid's checkpoints: headers are checked, files are hashed, no weight is kept in memory. What it was
 * asked once it does not read again.
 */
export function checkpointReader(): CheckpointReader {
  const known = new Map<string, Checkpoint>();
  return (part, folder) => {
    const key = `${part} ${resolve(folder)}`;
    const checkpoint = known.get(key) ?? { sizes: LOOKS[part](folder), sha256: digest(part, folder) };
    known.set(key, checkpoint);
    return checkpoint;
  };
}

/** Identity of the files that a part is read from. */
function digest(part: LoadedPart, folder: string): string {
  const beside = part === 'language_model' ? [join(folder, TOKENIZER_FILE)] : [];
  return digestOfFiles([...checkpointFiles(folder), ...beside]);
}

/**
 * A checkpoint's folder, if it still holds what it held when the run was planned: what is kept of it is kept under that name.
 * @throws Mm1Error E_CHECKPOINT if it holds something else
 */
export function unchanged(part: LoadedPart, folder: string, { sha256 }: Checkpoint): string {
  if (digest(part, folder) === sha256) return folder;
  throw new Mm1Error('the checkpoint has changed since the run was started', {
    code: 'E_CHECKPOINT',
    where: folder,
    remedy: 'Run the same command again: it starts from what is there now.',
  });
}
