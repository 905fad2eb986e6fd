/** Whether the right choice is the likeliest: 1 or 0. */
export interface ChoiceAccuracy {
  /** By the log-likelihoods as they are: lm-eval-harness's acc. */
  readonly raw: number;
  /** By log-likelihood per UTF-8 byte of the choice, which long choices do not lose by: its acc_norm. */
  readonly perByte: number;
}

/**
 * Accuracy of one multiple-choice question. Of choices that are equally likely the first counts as chosen.
 *
 * lm-eval-harness divides acc_norm by characters and acc_bytes by bytes; in ASCII they are the same.
 *
 * @param logLikelihoods of each choice after the prompt, summed over its tokens, in nats
 * @param choices their texts, without the blank that parts them from the prompt
 * @param right index of the right choice
 * @throws RangeError when the lists differ in length, a log-likelihood is not a number, a choice is empty, or no choice
 *   stands at `right`
 */
export function choiceAccuracy(
  logLikelihoods: readonly number[],
  choices: readonly string[],
  right: number,
): ChoiceAccuracy {
  if (logLikelihoods.length !== choices.length) {
    throw new RangeError(`${logLikelihoods.length} log-likelihoods of ${choices.length} choices`);
  }
  if (choices[right] === undefined) throw new RangeError(`no choice ${right} among ${choices.length}`);
  if (choices.includes('')) throw new RangeError('a choice without text has no likelihood');
  if (logLikelihoods.some(Number.isNaN)) throw new RangeError('a log-likelihood is not a number');
  const perByte = logLikelihoods.map((value, index) => value / Buffer.byteLength(choices[index]!));
  return { raw: likeliest(logLikelihoods) === right ? 1 : 0, perByte: likeliest(perByte) === right ? 1 : 0 };
}

function likeliest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
