import { describe, expect, it } from 'vitest';
import { AIM_MODELS, CLIP_MODELS, type EncoderModel, SCALE_NAMES, type ScaleName } from '../../src/config/recipe.js';
import { defaultRecipe, MIXTURES } from '../../src/config/scales.js';
import { SIZES } from '../../src/config/sizes.js';
import { decoderParameters } from '../../src/model/costs/decoder.js';
import { decoderSpecs } from '../../src/model/decoder.js';
import { multimodalConfig } from '../../src/model/multimodal-config.js';
import { countParameters } from '../../src/model/parameters.js';
import { aimConfig, aimHeadConfig, clipConfig, decoderConfig } from '../../src/model/sizes.js';
import { visionSpecs } from '../../src/model/vision-transformer.js';

const VOCABULARY = 4096;
const PAPER_SCALES: readonly ScaleName[] = ['3b', '7b', '30b'];

const recipe = (scale: ScaleName, model: EncoderModel, resolution = 336) => {
  const defaults = defaultRecipe(scale);
  const type = model.startsWith('aim') ? ('aim' as const) : ('clip' as const);
  return { ...defaults, encoder: { ...defaults.encoder, type, model, resolution } };
};
const vision = (scale: ScaleName, model: EncoderModel, resolution?: number) =>
  clipConfig(recipe(scale, model, resolution), VOCABULARY).vision;
const visionParameters = (scale: ScaleName, model: EncoderModel, resolution?: number) =>
  countParameters(visionSpecs('', vision(scale, model, resolution)));

const language = (scale: ScaleName, type: 'dense' | 'moe') => {
  const defaults = defaultRecipe(scale);
  const experts = type === 'moe' ? MIXTURES[scale] : {};
  const config = decoderConfig({ scale, language_model: { ...defaults.language_model, type, ...experts } }, VOCABULARY);
  return { config, ...decoderParameters(config, decoderSpecs(config)) };
};

const near = (value: number, wanted: number, within: number) =>
  expect(Math.abs(value / wanted - 1), `${value} is not within ${100 * within}% of ${wanted}`).toBeLessThan(within);

describe.each(PAPER_SCALES)("at %s the encoders are the papers' own", (scale) => {
  it.each([
    ['vit-b', 768, 12, 12, 512, 12, 512],
    ['vit-l', 1024, 24, 16, 768, 12, 768],
    ['vit-h', 1280, 32, 16, 1024, 24, 1024],
  ] as const)('%s', (model, width, layers, heads, textWidth, textLayers, projection) => {
    const config = clipConfig(recipe(scale, model), VOCABULARY);
    expect(config.vision).toMatchObject({
      hidden_size: width,
      intermediate_size: 4 * width,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      patch_size: 14,
      hidden_act: 'quick_gelu',
      layer_norm_eps: 1e-5,
      pooling: 'class',
    });
    expect(config.text).toMatchObject({
      hidden_size: textWidth,
      num_hidden_layers: textLayers,
      num_attention_heads: textWidth / 64,
      max_position_embeddings: 77,
    });
    expect(config.projection_dim).toBe(projection);
  });

  // Parameters of Hugging Face's CLIPVisionModel at these sizes and 224 px.
  it.each([
    ['vit-l', 303_179_776],
    ['vit-h', 630_766_080],
  ] as const)('%s has exactly the published number of parameters', (model, parameters) => {
    expect(visionParameters(scale, model, 224)).toBe(parameters);
  });

  it.each([
    ['aim-600m', 1536, 24, 12],
    ['aim-1b', 2048, 24, 16],
    ['aim-3b', 3072, 24, 24],
  ] as const)('%s', (model, embed_dim, num_blocks, num_heads) => {
    const config = aimConfig(recipe(scale, model));
    expect(config).toMatchObject({ embed_dim, num_blocks, num_heads, patch_size: 14, mlp_ratio: 4 });
    expect(config.layer_norm_eps).toBe(1e-6);
    expect(aimHeadConfig({ scale })).toEqual({ hidden: 2048, depth: 12 });
  });
});

describe.each(SCALE_NAMES.filter((scale) => scale !== 'smoke'))('at %s the names keep their places', (scale) => {
  it.each([224, 336, 378])('vit-l is 0.48 of vit-h, and vit-b 0.28 of vit-l, at %i px', (resolution) => {
    const [base, large, huge] = CLIP_MODELS.map((model) => visionParameters(scale, model, resolution));
    near(large! / huge!, 0.48, 0.15);
    near(base! / large!, 0.28, 0.15);
  });
});

describe.each(SCALE_NAMES)('at %s', (scale) => {
  it('an AIM is 1.5, 2 or 3 times as wide as vit-l, and as deep', () => {
    const { hidden_size: width, num_hidden_layers: layers } = vision(scale, 'vit-l');
    const sizes = AIM_MODELS.map((model) => aimConfig(recipe(scale, model)));
    expect(sizes.map(({ embed_dim }) => embed_dim / width)).toEqual([1.5, 2, 3]);
    expect(sizes.map(({ num_blocks }) => num_blocks)).toEqual([layers, layers, layers]);
    // Heads of one width, as in the paper; positions take a quarter of the width each.
    expect(new Set(sizes.map(({ embed_dim, num_heads }) => embed_dim / num_heads)).size).toBe(1);
    for (const { embed_dim } of sizes) expect(embed_dim % 4).toBe(0);
  });

  it('the text tower reads as many tokens as its scale says', () => {
    const { text } = clipConfig(recipe(scale, 'vit-l'), VOCABULARY);
    expect(text).toMatchObject({ max_position_embeddings: SIZES[scale].textTokens, vocab_size: VOCABULARY });
  });

  it('heads divide widths', () => {
    const towers = CLIP_MODELS.flatMap((model) => {
      const { vision: pictures, text } = clipConfig(recipe(scale, model), VOCABULARY);
      return [pictures, text];
    });
    const { config } = language(scale, 'dense');
    for (const { hidden_size, num_attention_heads } of [...towers, config]) {
      expect(hidden_size % num_attention_heads).toBe(0);
    }
    for (const model of AIM_MODELS) {
      const { embed_dim, num_heads } = aimConfig(recipe(scale, model));
      expect(embed_dim % num_heads).toBe(0);
    }
    // Rotary positions turn pairs, and key-value heads are shared by as many queries each.
    expect((config.hidden_size / config.num_attention_heads) % 2).toBe(0);
    expect(config.num_attention_heads % config.num_key_value_heads).toBe(0);
  });

  it('the connector joins what the names say', () => {
    for (const model of [...CLIP_MODELS, ...AIM_MODELS]) {
      const { connector, decoder } = multimodalConfig(recipe(scale, model), VOCABULARY);
      const width = model.startsWith('aim')
        ? aimConfig(recipe(scale, model)).embed_dim
        : vision(scale, model).hidden_size;
      expect(connector).toMatchObject({ encoder_hidden_size: width, grid: 24, tokens: 144 });
      expect(connector.output_hidden_size).toBe(decoder.hidden_size);
    }
  });
});

describe('decoders', () => {
  // MM1's own sizes, and those that it fitted its rule of the learning rate to.
  it.each([
    ['small', 9e6],
    ['base', 85e6],
    ['3b', 2.9e9],
    ['7b', 6.4e9],
    ['30b', 30e9],
  ] as const)("%s has the paper's %i parameters without embeddings", (scale, parameters) => {
    near(language(scale, 'dense').nonEmbedding, parameters, 0.05);
  });

  it('micro is between nano and small', () => {
    expect(language('micro', 'dense').nonEmbedding).toBeGreaterThan(2e6);
    expect(language('micro', 'dense').nonEmbedding).toBeLessThan(3e6);
  });

  it('smoke and nano are those that were measured', () => {
    expect(language('smoke', 'dense').total).toBe(344_384);
    expect(language('nano', 'dense').total).toBe(1_127_296);
    expect(language('nano', 'dense').config).toMatchObject({
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      tie_word_embeddings: true,
    });
    expect(vision('nano', 'vit-l')).toMatchObject({
      pooling: 'average',
      hidden_size: 96,
      num_hidden_layers: 2,
      num_attention_heads: 3,
    });
  });

  it.each([
    ['3b', 64e9, 64, 2],
    ['7b', 47e9, 32, 4],
  ] as const)('the mixture at %s has %i parameters in all', (scale, parameters, experts, every) => {
    const { config, total } = language(scale, 'moe');
    expect(config).toMatchObject({ num_local_experts: experts, num_experts_per_tok: 2, decoder_sparse_step: every });
    near(total, parameters, 0.05);
  });

  it('MM1 has no mixture at 30b', () => expect(MIXTURES['30b']).toBeNull());
});
