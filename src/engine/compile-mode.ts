import { Mm1Error } from '../errors.js';

/** How steps run: op by op, as one graph, or as a graph that XLA compiled. */
const COMPILE_MODES = ['0', 'graph', 'xla'] as const;
export type CompileMode = (typeof COMPILE_MODES)[number];

/**
 * How steps run where the engine can compile: as MM1_COMPILE says, else as a graph on a CPU and compiled by XLA on a GPU. On a
 * CPU a graph was measured to be as fast or faster at every model of bench:step, and it is ready at once.
 * @throws Mm1Error E_ENGINE where it names no way
 */
export function compileMode(device: 'cpu' | 'gpu'): CompileMode {
  const wished = process.env.MM1_COMPILE;
  if (!wished) return device === 'gpu' ? 'xla' : 'graph';
  const found = COMPILE_MODES.find((known) => known === wished);
  if (found) return found;
  throw new Mm1Error(`there is no way to compile named ${JSON.stringify(wished)}`, {
    code: 'E_ENGINE',
    where: 'MM1_COMPILE',
    remedy: 'Set MM1_COMPILE to 0 to run op by op, to graph or to xla to have steps compiled, or unset it.',
  });
}
