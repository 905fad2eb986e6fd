import * as tf from '@tensorflow/tfjs-core';
import { hasWholeLayer, runWholeLayer } from './whole-layer.js';

export type Activation = 'quick_gelu' | 'gelu' | 'silu';

const ACTIVATIONS: Record<Activation, (x: tf.Tensor) => tf.Tensor> = {
  /** x s(1.702 x), the approximation that OpenAI's CLIP was trained with. */
  quick_gelu: (x) => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))),
  /** x F(x) with the normal distribution's exact F (Hendrycks and Gimpel, 2016). */
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  /** x s(x) (Elfwing et al., 2017). */
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
};

/** What scripts/engine/kernels calls them. */
const KINDS: Readonly<Record<Activation, number>> = { silu: 0, quick_gelu: 1, gelu: 2 };

/** Applies an activation by the name that Hugging Face's configurations give it. */
export function activate(name: Activation, x: tf.Tensor): tf.Tensor {
  return hasWholeLayer('Activation') ? wholeActivation(KINDS[name], x) : tf.tidy(() => ACTIVATIONS[name](x));
}

function wholeActivation(kind: number, x: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: runWholeLayer('Activation', { x: input as tf.Tensor }, { kind })[0]!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runWholeLayer('ActivationGrad', { dy, x: saved[0]! }, { kind })[0]!,
    };
  });
  return op(x);
}
