/** Bytes of a 32-bit float. */
const FLOAT = 4;

/** Bytes of a model in 32-bit floats. */
export interface Memory {
  readonly weights: number;
  /** Weights, gradients and AdamW's two moments. Activations, which grow with the batch, are not in it. */
  readonly training: number;
}

/** Memory that a number of parameters takes. */
export function memoryOf(parameters: number): Memory {
  return { weights: FLOAT * parameters, training: 4 * FLOAT * parameters };
}
