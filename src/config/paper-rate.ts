/**
 * MM1's line through the best peak learning rates of its language models, ln rate = slope x ln N + intercept for N parameters without
 * embeddings: fitted to a grid search at 9M, 85M, 302M and 1.2B (section 3.3, figure 6).
 */
export const PAPER_RATE_LAW = { slope: -0.4214, intercept: -0.5535 } as const;

/**
 * MM1's peak learning rate for a number of non-embedding parameters. Weight decay is a tenth of it, as torch's AdamW multiplies
 * its weight_decay of 0.1 by the rate.
 */
export function paperLearningRate(nonEmbedding: number): number {
  return Math.exp(PAPER_RATE_LAW.slope * Math.log(nonEmbedding) + PAPER_RATE_LAW.intercept);
}
