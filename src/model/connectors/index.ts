import type { ConnectorType } from '../../config/recipe.js';
import { attentionPool } from './attention-pool.js';
import { averagePool } from './average-pool.js';
import { cAbstractor } from './c-abstractor.js';
import type { Connector } from './connector.js';

export type { Connector, ConnectorConfig } from './connector.js';

/** Connectors by the name that a grid gives them. */
export const CONNECTORS: Record<ConnectorType, Connector> = {
  'average-pool': averagePool,
  'attention-pool': attentionPool,
  'c-abstractor': cAbstractor,
};
