import { z } from 'zod';
import type { ClipConfig } from '../clip.js';
import type { DecoderConfig } from '../decoder.js';
import type { VisionConfig } from '../vision-transformer.js';
import { badConfig, readJson } from './config-file.js';
import { checkClip, checkVisionTower } from './load-clip.js';
import { checkDecoder } from './load-decoder.js';

/** What a checkpoint's folder holds. */
export type Description =
  | { readonly architecture: 'CLIPModel'; readonly config: ClipConfig }
  | { readonly architecture: 'CLIPVisionModel'; readonly config: VisionConfig }
  | {
      readonly architecture: 'LlamaForCausalLM' | 'MixtralForCausalLM';
      readonly config: DecoderConfig;
      /** Longest sequence that it was trained on, in tokens. */
      readonly longest: number;
    };

const DESCRIPTIONS: Readonly<Record<string, (folder: string) => Description>> = {
  clip: (folder) => ({ architecture: 'CLIPModel', config: checkClip(folder) }),
  clip_vision_model: (folder) => ({ architecture: 'CLIPVisionModel', config: checkVisionTower(folder) }),
  llama: (folder) => ({ architecture: 'LlamaForCausalLM', ...decoderIn(folder) }),
  mixtral: (folder) => ({ architecture: 'MixtralForCausalLM', ...decoderIn(folder) }),
};

function decoderIn(folder: string) {
  const { config, max_position_embeddings: longest } = checkDecoder(folder);
  return { config, longest };
}

/**
 * Says what a checkpoint's folder holds, once every tensor is known to be there in its shape. Headers alone are read.
 * @throws Mm1Error E_CHECKPOINT if it holds no model that is read here, or a damaged one
 */
export function describeCheckpoint(folder: string): Description {
  const { model_type: type } = readJson(folder, 'config.json', z.object({ model_type: z.string() }));
  const describe = Object.hasOwn(DESCRIPTIONS, type) ? DESCRIPTIONS[type] : undefined;
  if (describe) return describe(folder);
  const known = Object.keys(DESCRIPTIONS).join(', ');
  throw badConfig(folder, 'config.json', `model_type is ${type}; read here are ${known}`);
}
