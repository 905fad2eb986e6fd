import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Mm1Error } from '../../errors.js';
import { readHeader, type TensorPlace } from '../../store/safetensors.js';
import { badConfig, readJson } from './config-file.js';

/** One tensor of a checkpoint: the file it is in, and where there. */
export interface FoundTensor {
  readonly file: string;
  readonly place: TensorPlace;
}

const WHOLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * What a checkpoint's folder holds, by name: of `model.safetensors`, or of the shards that its index names. Buffers that
 * a model computes itself, which early versions of transformers stored, are left out. No tensor is read.
 * @throws Mm1Error E_CHECKPOINT if there is no such file, or one of them is damaged
 */
export function findTensors(folder: string): Map<string, FoundTensor> {
  const found = new Map<string, FoundTensor>();
  for (const name of fileNames(folder)) {
    const file = join(folder, name);
    for (const [tensor, place] of readHeader(file).tensors) {
      if (/(^|\.)(position_ids|rotary_emb\.inv_freq)$/.test(tensor)) continue;
      if (found.has(tensor)) throw badConfig(folder, INDEX, `${tensor} is in two files`);
      found.set(tensor, { file, place });
    }
  }
  return found;
}

/**
 * The files that a checkpoint is read from: config.json and the weights.
 * @throws Mm1Error E_CHECKPOINT as {@link findTensors}
 */
export function checkpointFiles(folder: string): string[] {
  return ['config.json', ...fileNames(folder)].map((name) => join(folder, name));
}

function fileNames(folder: string): string[] {
  if (existsSync(join(folder, WHOLE))) return [WHOLE];
  if (!existsSync(join(folder, INDEX))) {
    throw new Mm1Error(`there is neither ${WHOLE} nor ${INDEX}`, {
      code: 'E_CHECKPOINT',
      where: folder,
      remedy: 'Name a folder with weights in the safetensors format; other formats are not read.',
    });
  }
  const names = [...new Set(Object.values(readJson(folder, INDEX, indexSchema).weight_map))];
  const outside = names.find((name) => !/^[^/\\]+\.safetensors$/.test(name));
  if (outside !== undefined) throw badConfig(folder, INDEX, `${outside} is no safetensors file of this folder`);
  return names;
}
