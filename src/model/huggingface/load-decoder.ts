import type * as tf from '@tensorflow/tfjs-core';
import { readTensors } from '../../store/safetensors.js';
import { kindOf } from '../../store/safetensors-kinds.js';
import { type DecoderConfig, decoderSpecs } from '../decoder.js';
import { badConfig } from './config-file.js';
import { type DecoderFacts, readDecoderConfig } from './decoder-config.js';
import { checkMatching, readMatching } from './match.js';
import { type FoundTensor, findTensors } from './tensor-files.js';

/** A language model, ready for `decoder()`. */
export interface DecoderCheckpoint extends DecoderFacts {
  readonly config: DecoderConfig;
  readonly parameters: Record<string, tf.Tensor>;
}

/** What config.json says of a language model. */
export type DecoderDescription = Omit<DecoderCheckpoint, 'parameters'>;

/**
 * Looks at a language model as {@link loadDecoder} does, at its header alone.
 * @throws Mm1Error E_CHECKPOINT if the folder holds no such model, or a damaged one, or one that the decoder here is not
 */
export function checkDecoder(folder: string): DecoderDescription {
  const { description, found } = openDecoder(folder);
  checkMatching(folder, found, decoderSpecs(description.config));
  return description;
}

/**
 * Loads a LlamaForCausalLM or a MixtralForCausalLM: a folder with config.json and weights as Hugging Face writes them.
 * The caller disposes of the weights.
 * @throws Mm1Error E_CHECKPOINT if the folder holds no such model, or a damaged one, or one that the decoder here is not
 */
export function loadDecoder(folder: string): DecoderCheckpoint {
  const { description, found } = openDecoder(folder);
  return { ...description, parameters: readMatching(folder, found, decoderSpecs(description.config)) };
}

/** A language model's description, and its tensors under our names. */
function openDecoder(folder: string): { description: DecoderDescription; found: Map<string, FoundTensor> } {
  const description = readDecoderConfig(folder);
  const { config } = description;
  const found = splitExperts(findTensors(folder));
  if (config.tie_word_embeddings && sameNumbers(found, 'lm_head.weight', 'model.embed_tokens.weight')) {
    found.delete('lm_head.weight'); // some files hold the shared table twice
  }
  const experts = config.num_local_experts ?? 1;
  if (config.num_hidden_layers * experts > found.size) {
    // Told before a list is made of what they all would need.
    const asked = `${config.num_hidden_layers} layers of ${experts} experts`;
    throw badConfig(folder, 'config.json', `it asks for ${asked}, and the weights are ${found.size} tensors`);
  }
  return { description, found };
}

/** Whether two tensors are there and hold the same. */
function sameNumbers(found: ReadonlyMap<string, FoundTensor>, a: string, b: string): boolean {
  const [first, second] = [found.get(a), found.get(b)].map((tensor) => tensor && numbersOf(tensor));
  return (
    first !== undefined &&
    first.length === second?.length &&
    Array.prototype.every.call(first, (value, i) => value === second[i])
  );
}

function numbersOf({ file, place }: FoundTensor): ArrayLike<number | bigint> {
  const [one] = [...readTensors(file, new Map([['', place]]))];
  return one![1].values;
}

const FUSED = /^(model\.layers\.\d+)\.mlp\.(gate\.weight|experts\.gate_up_proj|experts\.down_proj)$/;
const MOST_EXPERTS = 1024;

/**
 * Experts as the hub stores them, a tensor each. Inside transformers 5, and in what is saved from there unconverted, the
 * experts of a layer are one: gate_up_proj [experts, 2 intermediate, width] is w1 above w3, down_proj is w2.
 */
function splitExperts(found: ReadonlyMap<string, FoundTensor>): Map<string, FoundTensor> {
  const split = new Map<string, FoundTensor>();
  for (const [name, tensor] of found) {
    const [, layer, part] = FUSED.exec(name) ?? [];
    const block = `${layer}.block_sparse_moe`;
    const [experts = 0, rows = 0, columns = 0] = tensor.place.shape;
    const fused = tensor.place.shape.length === 3 && experts <= MOST_EXPERTS;
    if (part === 'gate.weight') {
      split.set(`${block}.gate.weight`, tensor);
    } else if (part === 'experts.gate_up_proj' && fused && rows % 2 === 0) {
      for (let i = 0; i < experts; i++) {
        split.set(`${block}.experts.${i}.w1.weight`, matrixOf(tensor, 2 * i, rows / 2, columns));
        split.set(`${block}.experts.${i}.w3.weight`, matrixOf(tensor, 2 * i + 1, rows / 2, columns));
      }
    } else if (part === 'experts.down_proj' && fused) {
      for (let i = 0; i < experts; i++) {
        split.set(`${block}.experts.${i}.w2.weight`, matrixOf(tensor, i, rows, columns));
      }
    } else {
      split.set(name, tensor);
    }
  }
  return split;
}

/** One of the matrices that lie behind each other in a tensor. */
function matrixOf({ file, place }: FoundTensor, index: number, rows: number, columns: number): FoundTensor {
  const bytes = rows * columns * kindOf(place.kind).bytes;
  const begin = place.begin + index * bytes;
  return { file, place: { kind: place.kind, shape: [rows, columns], begin, end: begin + bytes } };
}
