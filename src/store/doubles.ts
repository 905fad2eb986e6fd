/** Numbers as the bytes of 64-bit floats, lowest byte first, which is how every machine that mm1 runs on has them in memory. */
export function bytesOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** The numbers of such bytes. */
export function doublesOf(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.slice().buffer);
}
