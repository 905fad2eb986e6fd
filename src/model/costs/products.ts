import type { ParameterSpecs } from '../parameters.js';

/**
 * Floating-point operations of a forward pass by the part of the model that makes them. A product of [m, k] and [k, n] is
 * 2 m n k, a multiplication and an addition each. Products alone are counted: norms, activations, softmax and residual sums
 * are a few operations a value and below 1% at any size worth counting.
 */
export type Flops = Readonly<Record<string, number>>;

/** Operations of all parts together. */
export function total(flops: Flops): number {
  return Object.values(flops).reduce((sum, count) => sum + count, 0);
}

/**
 * Operations of the weight matrices: each element is multiplied and added once for each row that its matrix is applied to.
 * @param rows rows that the matrix of a name is applied to; 0 for what is looked up or added
 */
export function weightProducts(specs: ParameterSpecs, rows: (name: string) => number): number {
  return Object.entries(specs)
    .filter(([, { shape }]) => shape.length > 1)
    .reduce((sum, [name, { shape }]) => sum + 2 * rows(name) * shape.reduce((a, b) => a * b), 0);
}

/**
 * Operations of attention between its projections, all heads together: the scores q k' and the weighted sum of the values.
 * Keys that a mask forbids are counted too, since they are computed.
 * @param width heads x width of a head
 */
export function attentionProducts(queries: number, keys: number, width: number): number {
  return 4 * queries * keys * width;
}
