import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers that is a pure function of its seed and its name. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, below). */
  below(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** A permutation of 0 .. n-1. */
  permutation(n: number): Int32Array;
}

/** FNV-1a, 32 bits: folds a stream's name into its seed. */
function hashName(name: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return hash | 0;
}

/**
 * Opens a stream. Two streams with different names are independent, so that adding a draw to one
 * (say, the weights of a connector) leaves the others (say, the order of the examples) as they were.
 */
export function random(seed: number, name: string): Random {
  const generator = xoroshiro128plus(hashName(name, seed));
  let spare: number | null = null;
  const stream: Random = {
    uniform: () => uniformFloat64(generator),
    below: (below) => uniformInt(generator, 0, below - 1),
    normal() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      // Box and Muller's transform; 1 - u keeps the logarithm finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
      const angle = 2 * Math.PI * uniformFloat64(generator);
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    permutation(n) {
      const order = Int32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = stream.below(i + 1);
        const value = order[i]!;
        order[i] = order[j]!;
        order[j] = value;
      }
      return order;
    },
  };
  return stream;
}
