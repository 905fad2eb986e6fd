import type * as tf from '@tensorflow/tfjs-core';
import { type Attribute, nodeBackend } from './backend.js';

let made = 0;

/** A tensor that stays on the device, and that compiled steps change in its place: TensorFlow's resource variable. */
export class Variable {
  readonly id: number;
  readonly shape: readonly number[];
  /** TensorFlow's number of its type. */
  readonly dtype: number;

  /** @param start its first value; the caller keeps it */
  constructor(start: tf.Tensor) {
    const backend = nodeBackend();
    const { binding } = backend;
    this.shape = start.shape;
    this.dtype = backend.getDTypeInteger(start.dtype);
    const [handle] = binding.executeOp(
      'VarHandleOp',
      [
        ...this.type(),
        { name: 'shape', type: binding.TF_ATTR_SHAPE, value: this.shape },
        { name: 'container', type: binding.TF_ATTR_STRING, value: '' },
        { name: 'shared_name', type: binding.TF_ATTR_STRING, value: `mm1-${made++}` },
      ],
      [],
      1,
    );
    this.id = handle!.id;
    binding.executeOp('AssignVariableOp', this.type(), [this.id, ...backend.getInputTensorIds([start])], 0);
  }

  /** Its value as it stands; the caller disposes of it. */
  read(): tf.Tensor {
    const backend = nodeBackend();
    return backend.createOutputTensor(backend.binding.executeOp('ReadVariableOp', this.type(), [this.id], 1)[0]!);
  }

  dispose(): void {
    const { binding } = nodeBackend();
    const ignore = { name: 'ignore_lookup_error', type: binding.TF_ATTR_BOOL, value: false };
    binding.executeOp('DestroyResourceOp', [ignore], [this.id], 0);
    binding.deleteTensor(this.id);
  }

  /** The attribute that every op on a variable has. */
  type(): Attribute[] {
    return [{ name: 'dtype', type: nodeBackend().binding.TF_ATTR_TYPE, value: this.dtype }];
  }
}
