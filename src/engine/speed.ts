/** How fast an engine multiplies. */
export interface Speed {
  /** 10^9 floating-point operations a second, best of the products timed. */
  readonly gflops: number;
  /** Side of the square float32 matrices. */
  readonly size: number;
}

/** A product this long outweighs the cost of calling it. */
const ENOUGH_MS = 60;
const LARGEST = 8192;
const REPEATS = 5;

/**
 * Times the product of two square float32 matrices on the open engine: 2 n^3 operations for side n. The side
 * doubles until a product takes long enough to be timed; of five more at that side the best counts, since whatever else the machine does only slows one down.
 */
export async function measureSpeed(): Promise<Speed> {
  const tf = await import('@tensorflow/tfjs-core');
  for (let size = 256; ; size *= 2) {
    const a = tf.randomUniform([size, size], -1, 1, 'float32', 1); // [size, size]
    const b = tf.randomUniform([size, size], -1, 1, 'float32', 2); // [size, size]
    const time = async (): Promise<number> => {
      const start = performance.now();
      const corner = tf.tidy(() => tf.slice(tf.matMul(a, b), [0, 0], [1, 1])); // [1, 1]
      // Asking for a number of the result waits for the whole of it; one number costs no transfer.
      await corner.data();
      corner.dispose();
      return performance.now() - start;
    };
    await time();
    let best = await time();
    const enough = best >= ENOUGH_MS || size >= LARGEST;
    if (enough) for (let i = 0; i < REPEATS; i++) best = Math.min(best, await time());
    tf.dispose([a, b]);
    if (enough) return { gflops: (2 * size ** 3) / best / 1e6, size };
  }
}
