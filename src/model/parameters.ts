import * as tf from '@tensorflow/tfjs-core';
import { type Random, random } from '../random.js';

/** Weights by their checkpoint names, in torch's layouts: a linear layer's weight is [out, in]. */
export type Parameters = Readonly<Record<string, tf.Tensor>>;

/** Looks names up under a prefix; a name that is not there is a bug of the caller's. */
export type Lookup = (name: string) => tf.Tensor;

/** Narrows weights to those under a prefix: `under(p, 'encoder.layers.0.')('mlp.fc1.weight')`. */
export function under(parameters: Parameters, prefix: string): Lookup {
  return (name) => {
    const tensor = parameters[prefix + name];
    if (!tensor) throw new Error(`no parameter ${prefix}${name}`);
    return tensor;
  };
}

/** How one weight starts. */
export type Initial = { normal: number } | { constant: number } | { values: Float32Array };

/** Shape and start of every weight of a model, by name. */
export type ParameterSpecs = Record<string, { shape: number[]; initial: Initial }>;

/** Number of scalars that a set of weights holds. */
export function countParameters(specs: ParameterSpecs): number {
  return Object.values(specs).reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
}

/** Puts a prefix before every weight's name: of specs, or of the weights themselves. */
export function prefixed<Value>(prefix: string, named: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [prefix + name, value]));
}

/** Draws a model's weights: each weight has a stream of its own, named after it. */
export function initialise(specs: ParameterSpecs, seed: number): Record<string, tf.Tensor> {
  const parameters: Record<string, tf.Tensor> = {};
  for (const [name, { shape, initial }] of Object.entries(specs)) {
    parameters[name] = tf.tensor(draw(shape, initial, random(seed, name)), shape);
  }
  return parameters;
}

function draw(shape: number[], initial: Initial, stream: Random): Float32Array {
  if ('values' in initial) return initial.values;
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if ('constant' in initial) return values.fill(initial.constant);
  for (let i = 0; i < values.length; i++) values[i] = initial.normal * stream.normal();
  return values;
}

/** Specs of a linear layer: weight [out, in] and bias [out]. */
export function linearSpecs(name: string, inputs: number, outputs: number, deviation: number): ParameterSpecs {
  return {
    [`${name}.weight`]: { shape: [outputs, inputs], initial: { normal: deviation } },
    [`${name}.bias`]: { shape: [outputs], initial: { constant: 0 } },
  };
}

/** Specs of a layer norm: gain 1, bias 0. */
export function normSpecs(name: string, width: number): ParameterSpecs {
  return {
    [`${name}.weight`]: { shape: [width], initial: { constant: 1 } },
    [`${name}.bias`]: { shape: [width], initial: { constant: 0 } },
  };
}
