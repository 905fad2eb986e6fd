import type * as tfjs from '@tensorflow/tfjs-core';
import { nodeBackend } from './backend.js';

/** What this file uses of a kernel's arguments. */
interface GatherArguments {
  readonly inputs: { readonly x: tfjs.Tensor; readonly indices: tfjs.Tensor };
  readonly attrs: { readonly axis: number; readonly batchDims: number };
}

/**
 * Puts a gather that reads nothing back in the place of tfjs-node's, which takes the indices to the host each time to see
 * that they are in range. TensorFlow sees to that itself where it runs op by op; where a step is compiled, ids are looked at
 * before they are fed.
 */
export function gatherOnDevice(tf: typeof tfjs): void {
  const own = tf.getKernel('GatherV2', 'tensorflow');
  tf.unregisterKernel('GatherV2', 'tensorflow');
  tf.registerKernel({
    ...own,
    kernelFunc(given) {
      const { inputs, attrs } = given as unknown as GatherArguments;
      const backend = nodeBackend();
      const type = backend.binding.TF_ATTR_TYPE;
      const axis = tf.scalar(attrs.axis, 'int32');
      const attributes = [
        { name: 'batch_dims', type: backend.binding.TF_ATTR_INT, value: attrs.batchDims },
        { name: 'Tparams', type, value: backend.getDTypeInteger(inputs.x.dtype) },
        { name: 'Tindices', type, value: backend.getDTypeInteger(inputs.indices.dtype) },
        { name: 'Taxis', type, value: backend.binding.TF_INT32 },
      ];
      const result = backend.executeSingleOutput('GatherV2', attributes, [inputs.x, inputs.indices, axis]);
      axis.dispose();
      return result;
    },
  });
}
