import type * as tfjs from '@tensorflow/tfjs-core';

/** What this file uses of a backend object. */
interface Backend {
  disposeData(dataId: object): void;
}

/** What this file uses of a kernel's arguments. */
interface MatMulArguments {
  readonly inputs: { readonly a: tfjs.TensorInfo; readonly b: tfjs.TensorInfo };
  readonly backend: Backend;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

/**
 * Puts a quick product of transposed matrices in the place of wasm's own. Its fast kernel (XNNPACK) takes plain matrices
 * alone; with a transposed one, as in every linear layer and every gradient, it falls back to a plain loop that is some
 * fifty times slower. Turning the matrix first costs next to nothing.
 */
export function turnBeforeMultiplying(tf: typeof tfjs): void {
  const own = tf.getKernel('BatchMatMul', 'wasm');
  const transpose = tf.getKernel('Transpose', 'wasm');
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...own,
    kernelFunc(given) {
      const { inputs, backend, attrs } = given as unknown as MatMulArguments;
      const turned: tfjs.TensorInfo[] = [];
      const turn = (x: tfjs.TensorInfo): tfjs.TensorInfo => {
        const rank = x.shape.length;
        const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2];
        const result = transpose.kernelFunc({ inputs: { x }, backend, attrs: { perm } } as never) as tfjs.TensorInfo;
        turned.push(result);
        return result;
      };
      const a = attrs.transposeA ? turn(inputs.a) : inputs.a;
      const b = attrs.transposeB ? turn(inputs.b) : inputs.b;
      const plain = { inputs: { a, b }, backend, attrs: { ...attrs, transposeA: false, transposeB: false } };
      const product = own.kernelFunc(plain as never);
      for (const { dataId } of turned) backend.disposeData(dataId);
      return product;
    },
  });
}
