import * as tf from '@tensorflow/tfjs-core';
import { Mm1Error } from '../../errors.js';
import { type Metadata, type NodeBackend, nodeBackend, type Values } from './backend.js';
import { type IdBounds, Recorder } from './recorder.js';
import type { Variable } from './variable.js';

/** A step that was recorded once and runs as one op. */
export interface Program {
  /** Name of the function in the eager context. */
  readonly name: string;
  /** Number of tensors that it gives. */
  readonly outputs: number;
  readonly bounds: readonly IdBounds[];
}

/** What a step gives: tensors, and what each variable is to become, or null where it stays. */
export interface Recorded {
  readonly outputs: readonly tf.Tensor[];
  readonly next: readonly (tf.Tensor | null)[];
}

/** Functions that are installed, by name: a step that was recorded twice is the same program. */
const installed = new Set<string>();
/** tfjs's own functions that draw on the host: what they drew would be frozen into the program. */
const HOST_DRAWS = /^(random\w*|truncatedNormal|dropout|multinomial|rand)__op$/;

/**
 * Records a step: runs it once op by op on what it is given, and installs what it did as one function. What it computed this
 * first time is thrown away.
 * @param title what the step is, in letters and digits
 * @param run given the inputs' and the variables' values
 * @throws Error that names the op where the step reads a value back, draws, or uses a tensor that it was not given
 */
export function record(
  title: string,
  inputs: readonly tf.Tensor[],
  variables: readonly Variable[],
  run: (inputs: tf.Tensor[], values: tf.Tensor[]) => Recorded,
): Program {
  const backend = nodeBackend();
  const { binding } = backend;
  const recorder = new Recorder(binding);
  const engine = tf.engine();
  const { startScope } = engine;
  let program!: Program;
  try {
    tf.tidy(() => {
      const given = inputs.map((tensor) => handleOf(backend, tensor));
      const places = given.map(({ id, shape, dtype }, i) => recorder.input(id, dtype, shape, i));
      const values = variables.map((variable) => variable.read());
      const handles = variables.map(({ id }) => recorder.input(id, binding.TF_RESOURCE, [], -1));
      const reads = variables.map((variable, i) => {
        const node = recorder.add('ReadVariableOp', variable.type(), [[handles[i]!, 0]]);
        recorder.name(idOf(backend, values[i]!), [node, 0], variable.shape);
        return node;
      });
      backend.binding = recorder.binding;
      engine.startScope = (name?: string) => {
        if (name && HOST_DRAWS.test(name))
          throw new Error(`${name.replace('__op', '')} draws on the host: a compiled step is given its random numbers`);
        startScope.call(engine, name);
      };
      const { outputs, next } = run(
        given.map((metadata) => backend.createOutputTensor(metadata)),
        values,
      );
      const endOf = (tensor: tf.Tensor) => recorder.endOf(idOf(backend, tensor));
      const type = (tensor: tf.Tensor) => ({
        name: 'T',
        type: binding.TF_ATTR_TYPE,
        value: backend.getDTypeInteger(tensor.dtype),
      });
      const ends = outputs.map((tensor) => [recorder.add('Identity', [type(tensor)], [endOf(tensor)]), 0] as const);
      const writes = variables.flatMap((variable, i) => {
        const value = next[i];
        if (!value) return [];
        return [recorder.add('AssignVariableOp', variable.type(), [[handles[i]!, 0], endOf(value)], reads)];
      });
      const name = `mm1_${title}_${recorder.identity()}`;
      if (!installed.has(name)) recorder.install(name, [...places, ...handles], ends, writes);
      installed.add(name);
      program = { name, outputs: outputs.length, bounds: recorder.bounds };
    });
    return program;
  } finally {
    recorder.drop();
    backend.binding = binding;
    engine.startScope = startScope;
  }
}

/** Values of tensors that the device does not have yet; null of those that it has. */
export function hostValues(tensors: readonly tf.Tensor[]): (Values | null)[] {
  const { tensorMap } = nodeBackend();
  return tensors.map(({ dataId }) => tensorMap.get(dataId).values);
}

/**
 * Runs a program.
 * @param host values of inputs that came from the host: their ids are looked at
 * @returns its tensors; the caller disposes of them
 * @throws Mm1Error E_IDS where an id that rows are looked up by is none of theirs
 */
export function execute(
  program: Program,
  inputs: readonly tf.Tensor[],
  host: readonly (Values | null)[],
  names: readonly string[],
  variables: readonly Variable[],
  xla: boolean,
): tf.Tensor[] {
  const backend = nodeBackend();
  const { binding } = backend;
  for (const bounds of program.bounds) checkIds(host[bounds.input]!, names[bounds.input]!, bounds);
  const ids = [...backend.getInputTensorIds(inputs), ...variables.map(({ id }) => id)];
  const compiled = { name: '_XlaMustCompile', type: binding.TF_ATTR_BOOL, value: true };
  const made = binding.executeOp(program.name, xla ? [compiled] : [], ids, program.outputs);
  return made.map((metadata) => backend.createOutputTensor(metadata));
}

/** Ids that come from the host; what another step computed is in range. */
function checkIds(values: Values | null, name: string, { least, count }: IdBounds): void {
  if (!values) return;
  for (const id of values) {
    if (id >= least && id < least + count) continue;
    throw new Mm1Error(`${name} holds ${id}, and its ids go from ${least} to ${least + count - 1}`, {
      code: 'E_IDS',
      remedy: 'Use the tokenizer that belongs to the language model: ids of another one are not its own.',
    });
  }
}

/** A second handle of a tensor: what a step is given twice stays two inputs. */
function handleOf(backend: NodeBackend, tensor: tf.Tensor): Metadata {
  const value = backend.getDTypeInteger(tensor.dtype);
  const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value };
  return backend.binding.executeOp('Identity', [type], backend.getInputTensorIds([tensor]), 1)[0]!;
}

const idOf = (backend: NodeBackend, tensor: tf.Tensor): number => backend.getInputTensorIds([tensor])[0]!;
