import type * as tfjs from '@tensorflow/tfjs-core';
import { type Attribute, type Binding, nodeBackend } from './backend.js';

/** What TensorFlow's kernels are called with and give, as tfjs has it. */
type Tensors = Readonly<Record<string, tfjs.Tensor>>;

/** An op: its inputs in order, how many outputs it has, and what it is told. */
interface Layer {
  /** Its name in TensorFlow, where it is not one of scripts/engine/kernels, which are called Mm1 and the layer's name. */
  readonly op?: string;
  readonly inputs: readonly string[];
  readonly outputs: number;
  readonly attribute?: 'epsilon' | 'kind';
}

const BACKEND = 'tensorflow';

/** By the name that src/model/layers calls them by. */
const LAYERS: Readonly<Record<string, Layer>> = {
  LayerNorm: { inputs: ['x', 'gain', 'bias'], outputs: 3, attribute: 'epsilon' },
  LayerNormGrad: { inputs: ['dy', 'x', 'gain', 'mean', 'inverse'], outputs: 3 },
  RmsNorm: { inputs: ['x', 'gain'], outputs: 2, attribute: 'epsilon' },
  RmsNormGrad: { inputs: ['dy', 'x', 'gain', 'inverse'], outputs: 2 },
  Activation: { inputs: ['x'], outputs: 1, attribute: 'kind' },
  ActivationGrad: { inputs: ['dy', 'x'], outputs: 1, attribute: 'kind' },
  CrossEntropy: { inputs: ['x', 'targets'], outputs: 2 },
  CrossEntropyGrad: { inputs: ['dy', 'x', 'targets', 'total'], outputs: 1 },
  Attention: { inputs: ['q', 'k', 'v', 'mask'], outputs: 3 },
  AttentionGrad: { inputs: ['dy', 'q', 'k', 'v', 'mask', 'y', 'most', 'inverse'], outputs: 3 },
  PackedAttention: { inputs: ['q', 'k', 'v', 'groups', 'segments'], outputs: 3 },
  PackedAttentionGrad: { inputs: ['dy', 'q', 'k', 'v', 'groups', 'segments', 'y', 'most', 'inverse'], outputs: 3 },
  RowSums: { op: 'UnsortedSegmentSum', inputs: ['rows', 'ids', 'count'], outputs: 1 },
};

/** Gives tfjs the kernels of whole layers: those that the binding brings along, and TensorFlow's own that add in one order on a CPU alone. */
export function registerLayers(tf: typeof tfjs): void {
  for (const [name, { op = `Mm1${name}`, inputs, outputs, attribute }] of Object.entries(LAYERS)) {
    tf.registerKernel({
      kernelName: name,
      backendName: BACKEND,
      kernelFunc(given) {
        const backend = nodeBackend();
        const tensors = given.inputs as unknown as Tensors;
        const told = given.attrs as unknown as Readonly<Record<string, number>>;
        const attributes = attribute ? [attributeOf(backend.binding, attribute, told[attribute]!)] : [];
        const ordered = inputs.map((input) => tensors[input]!);
        return backend.executeMultipleOutputs(op, attributes, ordered, outputs);
      },
    });
  }
}

/** Runs something without them, as for XLA, which compiles no kernels but its own: layers are then several ops each. */
export function withoutLayers<Result>(tf: typeof tfjs, body: () => Result): Result {
  const own = Object.keys(LAYERS).flatMap((name) => tf.getKernel(name, BACKEND) ?? []);
  for (const { kernelName } of own) tf.unregisterKernel(kernelName, BACKEND);
  try {
    return body();
  } finally {
    for (const kernel of own) tf.registerKernel(kernel);
  }
}

function attributeOf(binding: Binding, name: 'epsilon' | 'kind', value: number): Attribute {
  return { name, type: name === 'epsilon' ? binding.TF_ATTR_FLOAT : binding.TF_ATTR_INT, value };
}
