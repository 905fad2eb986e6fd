import type { ConnectorType } from '../../config/recipe.js';
import { CONNECTORS, type ConnectorConfig } from '../connectors/index.js';
import { RESAMPLER_DEPTH } from '../connectors/resampler.js';
import { attentionProducts, type Flops, weightProducts } from './products.js';

/** How a connector spends its operations on one picture. */
interface ConnectorCost {
  /** Rows that the matrix of a name is applied to. */
  rows(name: string, patches: number, tokens: number): number;
  /** What is multiplied without weights. */
  rest?(config: ConnectorConfig): Flops;
}

/** One matrix or more on each visual token. */
const EACH_TOKEN: ConnectorCost = { rows: (_name, _patches, tokens) => tokens };

const COSTS: Readonly<Record<ConnectorType, ConnectorCost>> = {
  linear: EACH_TOKEN,
  mlp: EACH_TOKEN,
  'pixel-shuffle': {
    ...EACH_TOKEN,
    rest: ({ grid, tokens, encoder_hidden_size: width }) => {
      const windows = Math.sqrt(tokens);
      const side = windows * Math.ceil(grid / windows);
      // Windows that do not overlap are cut without a product.
      return { windows: grid % windows === 0 ? 0 : alongBothSides(grid, side, width) };
    },
  },
  'average-pool': {
    ...EACH_TOKEN,
    rest: ({ grid, tokens, encoder_hidden_size: width }) => ({
      pooling: alongBothSides(grid, Math.sqrt(tokens), width),
    }),
  },
  'attention-pool': {
    rows: (name, patches, tokens) => (name === 'latent' ? 0 : name.startsWith('kv.') ? patches : tokens),
    rest: ({ grid, tokens, encoder_hidden_size: width }) => ({
      'attention scores': attentionProducts(tokens, grid ** 2, width),
    }),
  },
  resampler: {
    rows: (name, patches, tokens) => (name === 'latents' ? 0 : name.includes('to_kv') ? patches + tokens : tokens),
    rest: ({ grid, tokens, encoder_hidden_size: width }) => ({
      'attention scores': RESAMPLER_DEPTH * attentionProducts(tokens, grid ** 2 + tokens, width),
    }),
  },
  'c-abstractor': {
    rows: (name, patches, tokens) => {
      if (name === 'pos_emb') return 0;
      // Squeeze-excite reads the mean of the whole picture.
      if (name.includes('.se.')) return 1;
      return name.startsWith('net.0.') ? patches : tokens;
    },
    rest: ({ grid, tokens, hidden_size: width }) => ({ pooling: alongBothSides(grid, Math.sqrt(tokens), width) }),
  },
};

/** Operations of bringing a square grid to another, as src/model/layers/adaptive-pool.ts does: one side, then the other. */
function alongBothSides(from: number, to: number, width: number): number {
  return 2 * to * from * from * width + 2 * to * to * from * width;
}

/** Operations of a connector on one picture. */
export function connectorFlops(type: ConnectorType, config: ConnectorConfig): Flops {
  const { rows, rest } = COSTS[type];
  const patches = config.grid ** 2;
  const specs = CONNECTORS[type].specs(config);
  return { weights: weightProducts(specs, (name) => rows(name, patches, config.tokens)), ...rest?.(config) };
}
