import type { DecoderConfig } from '../../src/model/decoder.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];

/** Weights as nested arrays, by their names. */
export type PlainWeights = Readonly<Record<string, Vector | Matrix>>;

const dot = (a: Vector, b: Vector) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const add = (a: Vector, b: Vector) => a.map((x, i) => x + b[i]!);
const silu = (x: number) => x / (1 + Math.exp(-x));

/**
 * A Llama or Mixtral of one sequence in plain loops and double precision: biases and experts where the weights have some.
 * @returns scores of the next token, [tokens][vocabulary]
 */
export function plainDecoder(weights: PlainWeights, config: DecoderConfig, ids: readonly number[]): number[][] {
  const { num_attention_heads: heads, num_key_value_heads: shared, rms_norm_eps: epsilon } = config;
  const head = config.head_dim ?? config.hidden_size / heads;
  const matrix = (name: string) => weights[`${name}.weight`] as Matrix;
  const project = (name: string, x: Vector) => {
    const product = matrix(name).map((row) => dot(row, x));
    const bias = weights[`${name}.bias`] as Vector | undefined;
    return bias ? add(product, bias) : product;
  };
  const norm = (name: string, x: Vector) => {
    const size = Math.sqrt(dot(x, x) / x.length + epsilon);
    return x.map((value, i) => (value / size) * (weights[`${name}.weight`] as Vector)[i]!);
  };
  const rotate = (x: Vector, position: number) =>
    x.map((value, i) => {
      const pair = i % (head / 2);
      const angle = position * config.rope_theta ** ((-2 * pair) / head);
      const other = i < head / 2 ? -x[i + head / 2]! : x[i - head / 2]!;
      return value * Math.cos(angle) + other * Math.sin(angle);
    });
  const slice = (x: Vector, index: number) => x.slice(index * head, (index + 1) * head);

  const table = matrix('model.embed_tokens');
  let x = ids.map((id) => table[id]!);
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = `model.layers.${i}`;
    const normed = x.map((token) => norm(`${layer}.input_layernorm`, token));
    const [q, k, v] = ['q', 'k', 'v'].map((name) =>
      normed.map((token) => project(`${layer}.self_attn.${name}_proj`, token)),
    );
    x = x.map((token, at) => {
      const attended: number[] = [];
      for (let h = 0; h < heads; h++) {
        const from = Math.floor((h * shared) / heads);
        const query = rotate(slice(q![at]!, h), at);
        const seen = Array.from({ length: at + 1 }, (_, key) => key);
        const scores = seen.map((key) => Math.exp(dot(query, rotate(slice(k![key]!, from), key)) / Math.sqrt(head)));
        const total = scores.reduce((sum, score) => sum + score, 0);
        for (let c = 0; c < head; c++) {
          attended.push(seen.reduce((sum, key) => sum + (scores[key]! / total) * slice(v![key]!, from)[c]!, 0));
        }
      }
      return add(token, project(`${layer}.self_attn.o_proj`, attended));
    });
    x = x.map((token) => {
      const between = norm(`${layer}.post_attention_layernorm`, token);
      const swiglu = ([gate, up, down]: readonly string[]) => {
        const across = project(up!, between);
        return project(
          down!,
          project(gate!, between).map((value, c) => silu(value) * across[c]!),
        );
      };
      const block = `${layer}.block_sparse_moe`;
      if (!weights[`${block}.gate.weight`]) {
        return add(token, swiglu(['gate', 'up', 'down'].map((name) => `${layer}.mlp.${name}_proj`)));
      }
      // Each expert's weight is exp(logit), and the chosen ones' are divided by their sum.
      const scores = project(`${block}.gate`, between).map(Math.exp);
      const chosen = [...scores].sort((a, b) => b - a).slice(0, config.num_experts_per_tok);
      const total = chosen.reduce((sum, score) => sum + score, 0);
      return scores.reduce((sum: Vector, score, e) => {
        if (!chosen.includes(score)) return sum;
        const output = swiglu(['w1', 'w3', 'w2'].map((name) => `${block}.experts.${e}.${name}`));
        return add(
          sum,
          output.map((value) => (score / total) * value),
        );
      }, token);
    });
  }
  const output = config.tie_word_embeddings ? table : matrix('lm_head');
  return x.map((token) => output.map((row) => dot(row, norm('model.norm', token))));
}
