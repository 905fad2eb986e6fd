/**
 * Loads the engine and checks a matrix product against the same one in plain JavaScript.
 * Usage: node prove.mjs PACKAGE. Prints `proved VERSION cpu|gpu`.
 * @module
 */
import { createRequire } from 'node:module';
import util from 'node:util';

const [packageFolder = ''] = process.argv.slice(2);
const require = createRequire(import.meta.url);
// Node 23 dropped two functions that tfjs-node calls.
util.isNullOrUndefined ??= (/** @type {unknown} */ value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

const tf = require(packageFolder);
const n = 65;
const a = Float32Array.from({ length: n * n }, (_, i) => ((i * 7) % 13) - 6);
const b = Float32Array.from({ length: n * n }, (_, i) => ((i * 5) % 11) - 5);
const product = tf.matMul(tf.tensor2d(a, [n, n]), tf.tensor2d(b, [n, n])).dataSync();
// Whole numbers this small are exact in float32, whatever the order of the sum.
for (let row = 0; row < n; row++) {
  for (let column = 0; column < n; column++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[row * n + k] * b[k * n + column];
    if (product[row * n + column] !== sum)
      throw new Error(`product[${row}, ${column}] is ${product[row * n + column]} and not ${sum}`);
  }
}
const { binding, isUsingGpuDevice } = tf.backend();
console.log(`proved ${binding.TF_Version} ${isUsingGpuDevice ? 'gpu' : 'cpu'}`);
