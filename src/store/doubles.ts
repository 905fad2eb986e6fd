/** Numbers as the bytes of 64-bit floats, lowest byte first, which is how every machine that mm1 runs on has them in memory. */
export function bytesOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The numbers of such bytes. */
export function doublesOf(bytes: Uint8Array): Float64Array {
  // A copy of its own: a Buffer's slice would be a view of a larger one, which need not start at a multiple of 8.
  return new Float64Array(new Uint8Array(bytes).buffer);
}
