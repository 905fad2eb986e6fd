import { type AimConfig, aimSpecs } from '../aim.js';
import { patchCount, type VisionConfig, visionSpecs } from '../vision-transformer.js';
import { attentionProducts, type Flops, weightProducts } from './products.js';

/** Operations of CLIP's vision tower on one picture; its class token goes through every block with the patches. */
export function visionFlops(config: VisionConfig): Flops {
  const { hidden_size: width, num_hidden_layers: layers } = config;
  const specs = visionSpecs('', config);
  const patches = patchCount(config);
  const tokens = 1 + patches;
  const named = (part: string, rows: number) => weightProducts(specs, (name) => (name.includes(part) ? rows : 0));
  return {
    'patch projection': named('patch_embedding', patches),
    'attention projections': named('.self_attn.', tokens),
    'attention scores': layers * attentionProducts(tokens, tokens, width),
    mlp: named('.mlp.', tokens),
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
