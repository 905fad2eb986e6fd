import type { ConnectorType } from '../../config/recipe.js';
import { attentionPool } from './attention-pool.js';
import { averagePool } from './average-pool.js';
import { cAbstractor } from './c-abstractor.js';
import type { Connector } from './connector.js';
import { linearProjection } from './linear.js';
import { mlp } from './mlp.js';
import { pixelShuffle } from './pixel-shuffle.js';
import { resampler } from './resampler.js';

export type { Connector, ConnectorConfig } from './connector.js';

/** Connectors by the name that a grid gives them. */
export const CONNECTORS: Record<ConnectorType, Connector> = {
  'average-pool': averagePool,
  'attention-pool': attentionPool,
  'c-abstractor': cAbstractor,
  linear: linearProjection,
  mlp,
  resampler,
  'pixel-shuffle': pixelShuffle,
};
