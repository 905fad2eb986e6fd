import { type AimConfig, aimSpecs } from '../aim.js';
import { type AimHeadConfig, aimHeadSpecs } from '../aim-objective.js';
import type { ClipConfig } from '../clip.js';
import { type TowerConfig, transformerSpecs } from '../transformer-block.js';
import { patchCount, type VisionConfig, visionSpecs } from '../vision-transformer.js';
import { attentionProducts, type Flops, weightProducts } from './products.js';

/** Operations of the blocks of one of CLIP's towers on one picture or text, with so many tokens. */
export function towerFlops(config: TowerConfig, tokens: number): Flops {
  const specs = transformerSpecs('', config);
  const named = (part: string) => weightProducts(specs, (name) => (name.includes(part) ? tokens : 0));
  return {
    'attention projections': named('.self_attn.'),
    'attention scores': config.num_hidden_layers * attentionProducts(tokens, tokens, config.hidden_size),
    mlp: named('.mlp.'),
  };
}

/** Operations of CLIP's vision tower on one picture; its class token goes through every block with the patches. */
export function visionFlops(config: VisionConfig): Flops {
  const patches = patchCount(config);
  return {
    'patch projection': weightProducts(visionSpecs('', config), (name) =>
      name.includes('patch_embedding') ? patches : 0,
    ),
    ...towerFlops(config, 1 + patches),
  };
}

/** Operations of AIM's trunk on one picture, every patch seeing every patch; its head is thrown away before. */
export function aimFlops(config: AimConfig, patches: number): Flops {
  const specs = aimSpecs(config);
  const named = (part: string) => weightProducts(specs, (name) => (name.includes(part) ? patches : 0));
  return {
    'patch projection': named('.patchifier.'),
    'attention projections': named('.attn.'),
    'attention scores': config.num_blocks * attentionProducts(patches, patches, config.embed_dim),
    mlp: named('.mlp.'),
  };
}

/** Operations of comparing what CLIP's towers made of some pictures, or parts of them, with what they made of some texts, each with each. */
export function comparisonFlops(
  { vision, text, projection_dim: shared }: ClipConfig,
  pictures: number,
  texts: number,
): Flops {
  return {
    'picture projection': 2 * pictures * vision.hidden_size * shared,
    'text projection': 2 * texts * text.hidden_size * shared,
    cosines: 2 * pictures * texts * shared,
  };
}

/** Operations of the head that AIM is pre-trained with, on one picture. */
export function aimHeadFlops(config: AimConfig, head: AimHeadConfig, patches: number): Flops {
  return { head: weightProducts(aimHeadSpecs(config, head), () => patches) };
}
