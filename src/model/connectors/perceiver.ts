import * as tf from '@tensorflow/tfjs-core';
import { activate, attend, layerNorm, linear, mergeHeads, splitHeads } from '../layers/index.js';
import { type Lookup, linearSpecs, normSpecs, type ParameterSpecs, type Parameters, under } from '../parameters.js';

/** torch.nn.LayerNorm's default, which both implementations take. */
const EPSILON = 1e-5;
/** Width of the MLP over the latents', open_flamingo's default. */
const MLP_RATIO = 4;

/** What a published implementation calls its weights, and what stands between its MLP's two matrices. */
interface Form {
  readonly layers: string;
  readonly contextNorm: string;
  readonly latentsNorm: string;
  readonly query: string;
  /** Keys and values: one matrix over the other, or one matrix for each. */
  readonly keyValue: readonly string[];
  readonly output: string;
  readonly mlpNorm: string;
  readonly mlpIn: string;
  readonly mlpOut: string;
  readonly lastNorm: string;
  readonly activation: (x: tf.Tensor) => tf.Tensor;
}

/** open_flamingo's PerceiverResampler. */
const FLAMINGO: Form = {
  layers: 'layers',
  contextNorm: '0.norm_media',
  latentsNorm: '0.norm_latents',
  query: '0.to_q',
  keyValue: ['0.to_kv'],
  output: '0.to_out',
  mlpNorm: '1.0',
  mlpIn: '1.1',
  mlpOut: '1.3',
  lastNorm: 'norm',
  activation: (x) => activate('gelu', x),
};

/** Hugging Face's IdeficsPerceiverResampler. */
const IDEFICS: Form = {
  layers: 'blocks',
  contextNorm: '0.context_layer_norm',
  latentsNorm: '0.latents_layer_norm',
  query: '0.q_proj',
  keyValue: ['0.k_proj', '0.v_proj'],
  output: '0.output_proj',
  mlpNorm: '1.ln',
  mlpIn: '1.fc',
  mlpOut: '1.c_proj',
  lastNorm: 'layer_norm',
  activation: tf.relu,
};
/** Idefics may norm each head's queries and keys. */
const HEAD_NORMS = { query: '0.q_layer_norm', key: '0.k_layer_norm' };

/**
 * A perceiver resampler (Jaegle et al., 2021; Flamingo, Alayrac et al., 2022, section 2.1): latents attend to
 * the patches and to themselves, layer after layer. How deep it is, which implementation's weights these are, and whether
 * there are norms of each head's queries and keys, are read from the weights. One picture is the first frame of the first
 * medium, where a checkpoint has embeddings of those.
 * @param parameters `latents`, the layers and the last norm, under open_flamingo's or Idefics's names
 * @param features [batch, patches, width]
 * @returns [batch, latents, width]
 */
export function perceiverResampler(parameters: Parameters, heads: number, features: tf.Tensor3D): tf.Tensor3D {
  const has = (name: string) => name in parameters;
  const p = under(parameters, '');
  const form = has(`${FLAMINGO.lastNorm}.weight`) ? FLAMINGO : IDEFICS;
  const [batch, , width] = features.shape;

  let context: tf.Tensor = features;
  for (const name of ['frame_embs', 'media_time_embs'].filter(has)) {
    context = tf.add(context, tf.slice(tf.reshape(p(name), [-1, width]), [0, 0], [1, width]));
  }
  let latents: tf.Tensor = tf.add(tf.zeros([batch, 1, 1]), p('latents')); // [batch, latents, width]
  for (let i = 0; has(`${form.layers}.${i}.${form.query}.weight`); i++) {
    const layer = under(parameters, `${form.layers}.${i}.`);
    const headNorms = has(`${form.layers}.${i}.${HEAD_NORMS.query}.weight`);
    latents = tf.add(latents, latentAttention(layer, form, heads, headNorms, context, latents));
    const wide = form.activation(linear(norm(layer, form.mlpNorm, latents), layer(`${form.mlpIn}.weight`)));
    latents = tf.add(latents, linear(wide, layer(`${form.mlpOut}.weight`)));
  }
  return norm(p, form.lastNorm, latents) as tf.Tensor3D;
}

/**
 * The latents ask; patches and latents together answer.
 * @param context [batch, patches, width]
 * @param latents [batch, latents, width]
 * @returns [batch, latents, width]
 */
function latentAttention(
  p: Lookup,
  form: Form,
  heads: number,
  headNorms: boolean,
  context: tf.Tensor,
  latents: tf.Tensor,
): tf.Tensor {
  const asking = norm(p, form.latentsNorm, latents);
  const answering = tf.concat([norm(p, form.contextNorm, context), asking], 1); // [batch, patches + latents, width]
  const keyValue = tf.concat(form.keyValue.map((name) => p(`${name}.weight`))); // [2 x heads x head, width]
  const [keys, values] = tf.split(linear(answering, keyValue), 2, 2) as [tf.Tensor, tf.Tensor];

  let q: tf.Tensor = splitHeads(linear(asking, p(`${form.query}.weight`)), heads); // [batch, heads, latents, head]
  let k: tf.Tensor = splitHeads(keys, heads); // [batch, heads, patches + latents, head]
  if (headNorms) {
    q = norm(p, HEAD_NORMS.query, q);
    k = norm(p, HEAD_NORMS.key, k);
  }
  const attended = mergeHeads(attend(q as tf.Tensor4D, k as tf.Tensor4D, splitHeads(values, heads)));
  return linear(attended, p(`${form.output}.weight`));
}

function norm(p: Lookup, name: string, x: tf.Tensor): tf.Tensor {
  return layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), EPSILON);
}

/** Weights of a perceiver resampler under open_flamingo's names, as many widths in its heads as in a latent. */
export function perceiverSpecs(width: number, latents: number, depth: number): ParameterSpecs {
  const deviation = width ** -0.5;
  const specs: ParameterSpecs = { latents: { shape: [latents, width], initial: { normal: deviation } } };
  const matrix = (name: string, inputs: number, outputs: number) => {
    specs[`${name}.weight`] = linearSpecs(name, inputs, outputs, inputs ** -0.5)[`${name}.weight`]!;
  };
  for (let i = 0; i < depth; i++) {
    const layer = `${FLAMINGO.layers}.${i}`;
    Object.assign(specs, normSpecs(`${layer}.${FLAMINGO.contextNorm}`, width));
    Object.assign(specs, normSpecs(`${layer}.${FLAMINGO.latentsNorm}`, width));
    matrix(`${layer}.${FLAMINGO.query}`, width, width);
    matrix(`${layer}.${FLAMINGO.keyValue}`, width, 2 * width);
    matrix(`${layer}.${FLAMINGO.output}`, width, width);
    Object.assign(specs, normSpecs(`${layer}.${FLAMINGO.mlpNorm}`, width));
    matrix(`${layer}.${FLAMINGO.mlpIn}`, width, MLP_RATIO * width);
    matrix(`${layer}.${FLAMINGO.mlpOut}`, MLP_RATIO * width, width);
  }
  return { ...specs, ...normSpecs(FLAMINGO.lastNorm, width) };
}
