import * as tf from '@tensorflow/tfjs-core';

/** Tensors of one part of a step, by name. */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** A tensor before an engine has it, and as a thread can hand it over. */
export interface TensorValues<Shape extends readonly number[] = number[]> {
  /** Row-major; float32 or int32, as the tensor is to be. */
  readonly values: Float32Array | Int32Array;
  readonly shape: Shape;
}

/** A batch before an engine has it. */
export type Arrays<B extends Batch> = { readonly [Name in keyof B]: TensorValues<B[Name]['shape']> };

/** Tensors of the open engine; the caller disposes of them. */
export function tensorsOf<B extends Batch>(arrays: Arrays<B>): B {
  const tensors = Object.entries<TensorValues>(arrays).map(([name, { values, shape }]) => [
    name,
    tf.tensor(values, shape, values instanceof Float32Array ? 'float32' : 'int32'),
  ]);
  return Object.fromEntries(tensors) as B;
}
