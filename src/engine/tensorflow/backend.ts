import * as tf from '@tensorflow/tfjs-core';

/** An attribute of an op, as tfjs-node writes it. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What the binding says of a tensor that an op gave. */
export interface Metadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

export type Values = Float32Array | Int32Array | Uint8Array;

/** The native module: tfjs-node's own calls, and those of scripts/engine/functions.cc. */
export interface Binding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_RESOURCE: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_ATTR_STRING: number;
  executeOp(op: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): Metadata[];
  createTensor(shape: readonly number[], dtype: number, values: Values): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Values;
  beginGraph(): number;
  addNode(
    graph: number,
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    lists: readonly number[],
    controls: readonly number[],
    value: number,
  ): number;
  installFunction(
    graph: number,
    name: string,
    inputs: readonly number[],
    outputs: readonly number[],
    controls: readonly number[],
  ): void;
  dropGraph(graph: number): void;
}

/** What of tfjs-node's backend object is used here. */
export interface NodeBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: { get(dataId: object): { readonly values: Values | null; readonly id: number } };
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(metadata: Metadata): tf.Tensor;
  executeSingleOutput(op: string, attributes: readonly object[], inputs: readonly tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: readonly object[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  getDTypeInteger(dtype: tf.DataType): number;
}

/** The backend object of the open engine, which is TensorFlow. */
export const nodeBackend = (): NodeBackend => tf.backend() as unknown as NodeBackend;
