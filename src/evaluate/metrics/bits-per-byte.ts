/**
 * How many bits a language model needs for a byte of text; unlike a loss per token, it compares models of any tokenizer.
 * Of several documents, sum both first: long ones weigh more (as in lm-eval-harness).
 *
 * @param nats negative log-likelihood of the text, summed over its tokens
 * @param bytes length of the text in UTF-8
 * @throws RangeError for a text of no bytes
 */
export function bitsPerByte(nats: number, bytes: number): number {
  if (!(bytes > 0)) throw new RangeError(`bits per byte of a text of ${bytes} bytes`);
  return nats / bytes / Math.LN2;
}
