import type * as tf from '@tensorflow/tfjs-core';
import { Mm1Error } from '../../errors.js';
import { type ClipConfig, clipSpecs } from '../clip.js';
import { patchCount, type VisionConfig, visionSpecs } from '../vision-transformer.js';
import { readClipConfig, readVisionConfig } from './clip-config.js';
import type { SpecialTokens } from './config-file.js';
import { interpolatePositions } from './interpolate-positions.js';
import { checkMatching, readMatching } from './match.js';
import { type FoundTensor, findTensors } from './tensor-files.js';

/** A CLIP model, both towers, ready for `clip()`. */
export interface ClipCheckpoint {
  readonly config: ClipConfig;
  readonly parameters: Record<string, tf.Tensor>;
  readonly tokens: SpecialTokens;
}

/** A vision tower, ready for `visionTransformer()` with the prefix `vision_model.`. */
export interface VisionCheckpoint {
  readonly config: VisionConfig;
  readonly parameters: Record<string, tf.Tensor>;
}

const PREFIX = 'vision_model.';
const POSITIONS = `${PREFIX}embeddings.position_embedding.weight`;

/**
 * Loads a CLIPModel: a folder with config.json and weights as Hugging Face writes them. The caller disposes of the
 * weights.
 * @throws Mm1Error E_CHECKPOINT if the folder holds no such model, or a damaged one
 */
export function loadClip(folder: string): ClipCheckpoint {
  const { config, tokens } = readClipConfig(folder);
  return { config, tokens, parameters: readMatching(folder, findTensors(folder), clipSpecs(config)) };
}

/**
 * Looks at a CLIPModel as {@link loadClip} does, at its header alone.
 * @throws Mm1Error E_CHECKPOINT if the folder holds no such model, or a damaged one
 */
export function checkClip(folder: string): ClipConfig {
  const { config } = readClipConfig(folder);
  checkMatching(folder, findTensors(folder), clipSpecs(config));
  return config;
}

/**
 * Looks at a vision tower as {@link loadVisionTower} does, at its header alone.
 * @throws Mm1Error E_CHECKPOINT if the folder holds no such model, or a damaged one
 */
export function checkVisionTower(folder: string): VisionConfig {
  const config = readVisionConfig(folder);
  checkMatching(folder, visionTensors(findTensors(folder)), visionSpecs(PREFIX, config));
  return config;
}

/**
 * Loads a CLIPVisionModel, with or without `vision_model.` before its names, or the vision tower of a CLIPModel. The
 * caller disposes of the weights.
 * @param options.resolution side of the pictures it is to see, in pixels, if not those it was trained on: positions are
 *   interpolated
 * @throws Mm1Error E_CHECKPOINT if the folder holds no such model, or a damaged one, or no patch fits the resolution
 */
export function loadVisionTower(folder: string, options: { resolution?: number } = {}): VisionCheckpoint {
  const config = readVisionConfig(folder);
  const found = visionTensors(findTensors(folder));
  const resolution = options.resolution ?? config.image_size;
  if (!Number.isInteger(resolution) || resolution < config.patch_size) {
    throw new Mm1Error(`a picture of ${resolution} px holds no patch of ${config.patch_size} px`, {
      code: 'E_CHECKPOINT',
      where: folder,
      remedy: 'Choose a larger resolution, a multiple of the patch.',
    });
  }
  const parameters = readMatching(folder, found, visionSpecs(PREFIX, config));
  const asked = { ...config, image_size: resolution };
  if (patchCount(asked) !== patchCount(config)) {
    const trained = parameters[POSITIONS] as tf.Tensor2D;
    parameters[POSITIONS] = interpolatePositions(trained, Math.sqrt(patchCount(asked)));
    trained.dispose();
  }
  return { config: asked, parameters };
}

/** The vision tower's tensors alone, all with their prefix: transformers 5 leaves it out where there is no other tower. */
function visionTensors(found: ReadonlyMap<string, FoundTensor>): Map<string, FoundTensor> {
  const prefix = [...found.keys()].some((name) => name.startsWith(PREFIX)) ? '' : PREFIX;
  const rest = /^(text_model\..*|text_projection\.weight|visual_projection\.weight|logit_scale)$/;
  const tower = [...found].filter(([name]) => !rest.test(name));
  return new Map(tower.map(([name, tensor]) => [prefix + name, tensor]));
}
