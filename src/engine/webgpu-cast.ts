import type * as tfjs from '@tensorflow/tfjs-core';

/** What this file uses of a kernel's arguments. */
interface CastArguments {
  readonly inputs: { readonly x: tfjs.TensorInfo };
  readonly attrs: { readonly dtype: tfjs.DataType };
}

/**
 * Puts a cast to float32 that computes in the place of the WebGPU backend's, which gives whole numbers and truth values another
 * type and leaves the buffer as it was. Some kernels then read the bits as they stand (a sum over the first of three axes, for
 * one, with which each token's experts are chosen).
 */
export function castByComputing(tf: typeof tfjs): void {
  const own = tf.getKernel('Cast', 'webgpu');
  tf.unregisterKernel('Cast', 'webgpu');
  tf.registerKernel({
    ...own,
    kernelFunc(given) {
      const { inputs, attrs } = given as unknown as CastArguments;
      const { x } = inputs;
      if (attrs.dtype !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) return own.kernelFunc(given);
      const one = tf.scalar(1);
      // Types that differ are read as they are, and float32 is written.
      const product = tf.engine().runKernel('Multiply', { a: x as tfjs.Tensor, b: one }) as tfjs.Tensor;
      one.dispose();
      return product;
    },
  });
}
