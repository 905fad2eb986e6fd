import * as tf from '@tensorflow/tfjs-core';

/**
 * A tree is tensors in objects and arrays, and settings beside them: numbers, strings, flags, nothing.
 * @returns its tensors, in the order of its arrays and of its names as they were written
 */
export function leavesOf(tree: unknown): tf.Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  if (tree === null || typeof tree !== 'object') return [];
  return Object.values(tree).flatMap(leavesOf);
}

/** The same tree with other tensors in the places of its own. */
export function withLeaves<T>(tree: T, leaves: readonly tf.Tensor[]): T {
  let next = 0;
  const walk = (part: unknown): unknown => {
    if (part instanceof tf.Tensor) return leaves[next++]!;
    if (part === null || typeof part !== 'object') return part;
    if (Array.isArray(part)) return part.map(walk);
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, walk(value)]));
  };
  return walk(tree) as T;
}

/** Names of a tree's tensors, as paths: `batch.ids`. In the order of `leavesOf`. */
export function leafNames(tree: unknown, path = ''): string[] {
  if (tree instanceof tf.Tensor) return [path];
  if (tree === null || typeof tree !== 'object') return [];
  return Object.entries(tree).flatMap(([name, part]) => leafNames(part, path ? `${path}.${name}` : name));
}

/** Everything of a tree but its tensors' values: two trees of one signature are computed by one program. */
export function signatureOf(tree: unknown): string {
  if (tree instanceof tf.Tensor) return `${tree.dtype}[${tree.shape.join()}]`;
  if (tree === null || typeof tree !== 'object') return JSON.stringify(tree) ?? '';
  return `{${Object.entries(tree)
    .map(([name, part]) => `${name}:${signatureOf(part)}`)
    .join()}}`;
}
