import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_TYPES, UNREDUCED_CONNECTORS } from '../../../src/config/recipe.js';
import { openEngine } from '../../../src/engine/index.js';
import { withoutLayers } from '../../../src/engine/tensorflow/layers.js';
import { aimSpecs, aimTrunk } from '../../../src/model/aim.js';
import { aimHead, aimHeadSpecs } from '../../../src/model/aim-objective.js';
import { type ClipConfig, clip, clipSpecs } from '../../../src/model/clip.js';
import { CONNECTORS } from '../../../src/model/connectors/index.js';
import { connectorFlops } from '../../../src/model/costs/connector.js';
import { decoderFlops, decoderParameters } from '../../../src/model/costs/decoder.js';
import { aimFlops, aimHeadFlops, comparisonFlops, towerFlops, visionFlops } from '../../../src/model/costs/encoder.js';
import { type Flops, total } from '../../../src/model/costs/products.js';
import {
  type DecoderConfig,
  decoder,
  decoderSpecs,
  embedTokens,
  vocabularyLogits,
} from '../../../src/model/decoder.js';
import { causalMask } from '../../../src/model/layers/index.js';
import { initialise, type ParameterSpecs, type Parameters } from '../../../src/model/parameters.js';
import { type VisionConfig, visionSpecs, visionTransformer } from '../../../src/model/vision-transformer.js';

beforeAll(async () => {
  await openEngine();
});

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

type Kernel = Awaited<ReturnType<typeof tf.profile>>['kernels'][number];

/** Operations of one kernel that the engine ran, from the shapes of what went in and came out. */
function operations({ name, inputShapes, outputShapes }: Kernel): number {
  const out = outputShapes[0]!;
  if (name === 'DepthwiseConv2dNative') return 2 * sizeOf(out) * sizeOf(inputShapes[1]!.slice(0, 2));
  if (!/MatMul/.test(name)) return 0;
  const left = inputShapes[0]!;
  const rows = out.at(-2)!;
  const inner = sizeOf(left) / sizeOf(left.slice(0, -2)) / rows;
  return 2 * sizeOf(out) * inner;
}

/** Operations that the engine makes in a forward pass over weights of these shapes. */
async function measured(specs: ParameterSpecs, forward: (parameters: Parameters) => tf.Tensor): Promise<number> {
  const parameters = initialise(specs, 0);
  // Op by op: of a kernel of whole attention nobody sees the products.
  const { kernels } = await tf.profile(() => withoutLayers(tf, () => tf.tidy(() => forward(parameters))));
  tf.dispose(parameters);
  return kernels.reduce((sum, kernel) => sum + operations(kernel), 0);
}

const SIDE = 6;
const PATCH = 4;
const pictures = (batch: number) => tf.randomNormal([batch, SIDE * SIDE, 3 * PATCH * PATCH]) as tf.Tensor3D;
const BATCH = 2;

describe('the formulas count what the engine computes', () => {
  const tower = { hidden_act: 'quick_gelu' as const, layer_norm_eps: 1e-5 };
  const vision: VisionConfig = {
    ...tower,
    hidden_size: 24,
    intermediate_size: 40,
    num_hidden_layers: 3,
    num_attention_heads: 2,
    image_size: SIDE * PATCH,
    patch_size: PATCH,
    pooling: 'class',
  };

  it("CLIP's vision tower", async () => {
    const count = await measured(
      visionSpecs('', vision),
      (parameters) => visionTransformer(parameters, '', vision, pictures(BATCH)).pooled,
    );
    expect(count).toBe(BATCH * total(visionFlops(vision)));
  });

  it('both towers of CLIP, and how they are compared', async () => {
    const [texts, tokens] = [5, 7];
    const text = {
      ...tower,
      hidden_size: 16,
      intermediate_size: 20,
      num_hidden_layers: 2,
      num_attention_heads: 2,
      vocab_size: 11,
      max_position_embeddings: 9,
    };
    const config: ClipConfig = { vision, text, projection_dim: 12 };
    const ids = tf.zeros([texts, tokens], 'int32') as tf.Tensor2D;
    const ends = tf.zeros([texts], 'int32') as tf.Tensor1D;
    const count = await measured(
      clipSpecs(config),
      (parameters) => clip(parameters, config, { patches: pictures(BATCH), ids, ends }).logits,
    );
    const towers = BATCH * total(visionFlops(vision)) + texts * total(towerFlops(text, tokens));
    expect(count).toBe(towers + total(comparisonFlops(config, BATCH, texts)));
  });

  const aim = { patch_size: PATCH, embed_dim: 24, num_blocks: 3, num_heads: 2, mlp_ratio: 3, layer_norm_eps: 1e-6 };

  it("AIM's trunk", async () => {
    const places = { rows: SIDE, columns: SIDE };
    const count = await measured(
      aimSpecs(aim),
      (parameters) => aimTrunk(parameters, aim, pictures(BATCH), places).last,
    );
    expect(count).toBe(BATCH * total(aimFlops(aim, SIDE * SIDE)));
  });

  it("AIM's head", async () => {
    const head = { hidden: 20, depth: 2 };
    const count = await measured(aimHeadSpecs(aim, head), (parameters) =>
      aimHead(parameters, aim, tf.randomNormal([BATCH, 9, 24]) as tf.Tensor3D),
    );
    expect(count).toBe(BATCH * total(aimHeadFlops(aim, head, 9)));
  });

  describe.each(CONNECTOR_TYPES)('%s', (type) => {
    it.each([
      { grid: 8, side: 4, hidden: 32 },
      { grid: 9, side: 4, hidden: 48 },
    ])('$grid x $grid patches, where it reduces to $side x $side', async ({ grid, side, hidden }) => {
      const tokens = UNREDUCED_CONNECTORS.includes(type) ? grid * grid : side * side;
      const config = { encoder_hidden_size: 32, hidden_size: hidden, output_hidden_size: 40, grid, tokens };
      const count = await measured(CONNECTORS[type].specs(config), (parameters) =>
        CONNECTORS[type].forward(parameters, config, tf.randomNormal([1, grid * grid, 32]) as tf.Tensor3D),
      );
      expect(count).toBe(total(connectorFlops(type, config)));
    });
  });

  const dense: DecoderConfig = {
    vocab_size: 50,
    hidden_size: 24,
    intermediate_size: 40,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  };
  const experts = { num_local_experts: 4, num_experts_per_tok: 2, decoder_sparse_step: 2 };
  const flopsOf = (config: DecoderConfig, sequence: number): Flops =>
    decoderFlops(config, decoderSpecs(config), sequence);

  async function measuredDecoder(config: DecoderConfig, sequence: number): Promise<number> {
    return measured(decoderSpecs(config), (parameters) => {
      const ids = tf.zeros([BATCH, sequence], 'int32') as tf.Tensor2D;
      const positions = tf.zeros([BATCH, sequence]) as tf.Tensor2D;
      const embeddings = embedTokens(parameters, ids);
      const { last } = decoder(parameters, config, { embeddings, positions, mask: causalMask(sequence) });
      return vocabularyLogits(parameters, config, last);
    });
  }

  it.each<[string, DecoderConfig]>([
    ['tied', dense],
    ['untied', { ...dense, tie_word_embeddings: false }],
    ['with wider heads', { ...dense, head_dim: 10 }],
    // All experts are computed, whatever the router says: they are counted as if a token were sent to each.
    ['of experts', { ...dense, ...experts, num_experts_per_tok: experts.num_local_experts }],
  ])('a decoder, %s', async (_, config) => {
    const sequence = 12;
    const count = await measuredDecoder(config, sequence);
    expect(count).toBe(BATCH * sequence * total(flopsOf(config, sequence)));
  });

  it('counts of a mixture the two experts that a token is sent to', () => {
    const config = { ...dense, ...experts };
    const width = 24 * 40;
    // Two of four layers have experts, each of three matrices.
    expect(flopsOf(config, 12).experts).toBe(2 * 2 * 2 * 3 * width);
    expect(flopsOf(config, 12).mlp).toBe(2 * 2 * 3 * width);
    expect(flopsOf(config, 12).router).toBe(2 * 2 * 24 * 4);
    const all = decoderParameters(config, decoderSpecs(config));
    expect(all.nonEmbedding - all.active).toBe(2 * 2 * 3 * width);
    expect(all.total - all.nonEmbedding).toBe(50 * 24);
    const untied = { ...dense, tie_word_embeddings: false };
    const both = decoderParameters(untied, decoderSpecs(untied));
    expect(both.total - both.nonEmbedding).toBe(2 * 50 * 24);
    expect(both.active).toBe(both.nonEmbedding);
  });
});
