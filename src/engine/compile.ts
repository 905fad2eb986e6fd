import * as tf from '@tensorflow/tfjs-core';
import { type CompileMode, compileMode } from './compile-mode.js';
import { isOnGpu } from './on-gpu.js';
import { withoutLayers } from './tensorflow/layers.js';
import { execute, hostValues, type Program, record } from './tensorflow/program.js';
import { sealPrograms } from './tensorflow/program-cache.js';
import { Variable } from './tensorflow/variable.js';
import { xlaWorks } from './tensorflow/xla.js';
import { leafNames, leavesOf, signatureOf, withLeaves } from './tree.js';

/** One program that was recorded. */
export interface Compilation {
  /** What was compiled. */
  readonly title: string;
  /** Shapes and settings that it was compiled for. */
  readonly signature: string;
  /** Recording it and running it for the first time. */
  readonly seconds: number;
}

/** What this process has compiled, in order. */
const compilations: Compilation[] = [];

/** Takes the list of what was compiled since it was last taken. */
export function takeCompilations(): Compilation[] {
  return compilations.splice(0);
}

/**
 * Makes a pure function of tensors one program: on TensorFlow it is recorded once for each signature of its input (shapes,
 * types and settings) and runs as one graph, or compiled by XLA (`compileMode`); on other engines, and where the person asks for it, it runs op by op,
 * without mm1's kernels of whole layers.
 * @param title what it computes, in letters and digits
 * @param compute must use no tensor but its input's, draw nothing and read nothing back
 * @returns the compiled function; the caller disposes of what it gives
 */
export function compile<Input, Output>(title: string, compute: (input: Input) => Output): (input: Input) => Output {
  const step = compiled<null, Input, Output>(title, (state, input) => [state, compute(input)]);
  return (input) =>
    isCompiled() ? step([], null, input) : opByOp(() => compute(input) as tf.TensorContainer & Output);
}

/** Tensors that stay on the device and change from step to step: weights, moments. */
export interface State<S> {
  /**
   * Makes a pure function of state and input one program, as `compile` does.
   * @param compute gives the new state, in which unchanged tensors stand as they were, and what else it has to say
   */
  step<Input, Output>(
    title: string,
    compute: (state: S, input: Input) => readonly [S, Output],
  ): (input: Input) => Output;
  /** The state as it stands; the caller disposes of it. */
  read(): S;
  dispose(): void;
}

/** Puts tensors on the device to stay; the caller keeps what it gave. */
export function openState<S>(start: S): State<S> {
  return isCompiled() ? deviceState(start) : eagerState(start);
}

function deviceState<S>(start: S): State<S> {
  const variables = leavesOf(start).map((tensor) => new Variable(tensor));
  return {
    step(title, compute) {
      const step = compiled(title, compute);
      return (input) => step(variables, start, input);
    },
    read: () =>
      withLeaves(
        start,
        variables.map((variable) => variable.read()),
      ),
    dispose() {
      for (const variable of variables) variable.dispose();
    },
  };
}

function eagerState<S>(start: S): State<S> {
  let state = withLeaves(
    start,
    leavesOf(start).map((tensor) => tf.keep(tf.clone(tensor))),
  );
  return {
    step: (_title, compute) => (input) => {
      const [next, output] = opByOp(() => {
        const [after, said] = compute(state, input);
        const own = new Set([...leavesOf(state), ...leavesOf(after)]);
        const told = leavesOf(said).map((tensor) => (own.has(tensor) ? tf.clone(tensor) : tensor));
        return [after, withLeaves(said, told)] as unknown as tf.TensorContainer;
      }) as unknown as ReturnType<typeof compute>;
      const kept = new Set(leavesOf(next));
      for (const tensor of leavesOf(state)) if (!kept.has(tensor)) tensor.dispose();
      for (const tensor of kept) tf.keep(tensor);
      state = next;
      return output;
    },
    read: () =>
      withLeaves(
        state,
        leavesOf(state).map((tensor) => tf.clone(tensor)),
      ),
    dispose: () => tf.dispose(leavesOf(state)),
  };
}

/** A step's programs, one for each signature, recorded when it is first met. */
function compiled<S, Input, Output>(
  title: string,
  compute: (state: S, input: Input) => readonly [S, Output],
): (variables: readonly Variable[], state: S, input: Input) => Output {
  const programs = new Map<string, { readonly program: Program; readonly names: string[]; readonly output: Output }>();
  return (variables, state, input) => {
    const inputs = leavesOf(input);
    const host = hostValues(inputs); // recording takes them to the device
    const signature = signatureOf(input);
    const known = programs.get(signature);
    const xla = mode() === 'xla' && xlaWorks();
    if (known) return withLeaves(known.output, execute(known.program, inputs, host, known.names, variables, xla));

    const started = performance.now();
    let output!: Output;
    const recorded = () =>
      record(title, inputs, variables, (given, values) => {
        const before = withLeaves(state, values);
        const [after, said] = compute(before, withLeaves(input, given));
        output = said;
        const changed = leavesOf(after);
        return { outputs: leavesOf(said), next: changed.map((tensor, i) => (tensor === values[i] ? null : tensor)) };
      });
    const program = xla ? withoutLayers(tf, recorded) : recorded();
    const names = leafNames(input);
    const made = execute(program, inputs, host, names, variables, xla);
    sealPrograms();
    programs.set(signature, { program, names, output });
    compilations.push({ title, signature, seconds: (performance.now() - started) / 1000 });
    return withLeaves(output, made);
  };
}

/** Runs something op by op, whole layers too, as tfjs does: what the programs are compared with. */
const opByOp = <Result extends tf.TensorContainer>(body: () => Result): Result =>
  withoutLayers(tf, () => tf.tidy(body));

const isCompiled = (): boolean => tf.getBackend() === 'tensorflow' && mode() !== '0';

const mode = (): CompileMode => compileMode(isOnGpu() ? 'gpu' : 'cpu');
