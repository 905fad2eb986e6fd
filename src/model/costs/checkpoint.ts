import { type ClipConfig, clipSpecs, type TextConfig } from '../clip.js';
import { type DecoderConfig, decoderSpecs } from '../decoder.js';
import { countParameters, type ParameterSpecs } from '../parameters.js';
import type { TowerConfig } from '../transformer-block.js';
import { patchCount, type VisionConfig, visionSpecs } from '../vision-transformer.js';
import { decoderFlops, decoderParameters } from './decoder.js';
import { visionFlops } from './encoder.js';
import { type Memory, memoryOf } from './memory.js';
import { attentionProducts, type Flops, weightProducts } from './products.js';

/** One part of a published model, and what it holds and costs. */
export interface PartCosts {
  readonly name: 'vision tower' | 'text tower' | 'projections' | 'decoder';
  /** Its stack of blocks; null where it is none. */
  readonly stack: { readonly width: number; readonly layers: number; readonly heads: number } | null;
  readonly parameters: number;
  /** Of a decoder: without embeddings, and of these what one token uses. */
  readonly nonEmbeddingParameters?: number;
  readonly activeParameters?: number;
  /** Patches of a picture, tokens of the longest text, or tokens of the sequence; null for projections. */
  readonly tokens: number | null;
  /** Of one picture, one text of that length, one of each, or one token of the sequence. */
  readonly flops: Flops;
  readonly memory: Memory;
}

const stackOf = ({ hidden_size, num_hidden_layers, num_attention_heads }: TowerConfig | DecoderConfig) => ({
  width: hidden_size,
  layers: num_hidden_layers,
  heads: num_attention_heads,
});

/** The vision tower of a CLIPVisionModel. */
export function visionTowerCosts(config: VisionConfig): PartCosts {
  const parameters = countParameters(visionSpecs('', config));
  return {
    name: 'vision tower',
    stack: stackOf(config),
    parameters,
    tokens: patchCount(config),
    flops: visionFlops(config),
    memory: memoryOf(parameters),
  };
}

/** Both towers of a CLIPModel and what takes them to the space that they share. */
export function clipModelCosts(config: ClipConfig): PartCosts[] {
  const { text, vision, projection_dim: shared } = config;
  const all = clipSpecs(config);
  const textSpecs = pick(all, (name) => name.startsWith('text_model.'));
  const inText = countParameters(textSpecs);
  const between = pick(all, (name) => !/^(text|vision)_model\./.test(name));
  const inBetween = countParameters(between);
  return [
    visionTowerCosts(vision),
    {
      name: 'text tower',
      stack: stackOf(text),
      parameters: inText,
      tokens: text.max_position_embeddings,
      flops: textFlops(text, textSpecs),
      memory: memoryOf(inText),
    },
    {
      name: 'projections',
      stack: null,
      parameters: inBetween,
      tokens: null,
      flops: { projections: 2 * shared * (text.hidden_size + vision.hidden_size) },
      memory: memoryOf(inBetween),
    },
  ];
}

/** Operations of CLIP's text tower on a text of the greatest length. */
function textFlops(config: TextConfig, specs: ParameterSpecs): Flops {
  const { hidden_size: width, num_hidden_layers: layers, max_position_embeddings: tokens } = config;
  const named = (part: string) => weightProducts(specs, (name) => (name.includes(part) ? tokens : 0));
  return {
    'attention projections': named('.self_attn.'),
    'attention scores': layers * attentionProducts(tokens, tokens, width),
    mlp: named('.mlp.'),
  };
}

/**
 * A Llama or a Mixtral.
 * @param sequence tokens of a sequence
 */
export function decoderModelCosts(config: DecoderConfig, sequence: number): PartCosts {
  const specs = decoderSpecs(config);
  const { total, nonEmbedding, active } = decoderParameters(config, specs);
  return {
    name: 'decoder',
    stack: stackOf(config),
    parameters: total,
    nonEmbeddingParameters: nonEmbedding,
    activeParameters: active,
    tokens: sequence,
    flops: decoderFlops(config, specs, sequence),
    memory: memoryOf(total),
  };
}

function pick(specs: ParameterSpecs, wanted: (name: string) => boolean): ParameterSpecs {
  return Object.fromEntries(Object.entries(specs).filter(([name]) => wanted(name)));
}
