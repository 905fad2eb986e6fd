import { Mm1Error } from '../errors.js';

/** How steps run: op by op, as one graph, or as a graph that XLA compiled. */
const COMPILE_MODES = ['0', 'graph', '1'] as const;

/**
 * How steps run where the engine can compile: as MM1_COMPILE says, compiled by XLA if it says nothing.
 * @throws Mm1Error E_ENGINE where it names no way
 */
export function compileMode(): (typeof COMPILE_MODES)[number] {
  const wished = process.env.MM1_COMPILE || '1';
  const found = COMPILE_MODES.find((known) => known === wished);
  if (found) return found;
  throw new Mm1Error(`there is no way to compile named ${JSON.stringify(wished)}`, {
    code: 'E_ENGINE',
    where: 'MM1_COMPILE',
    remedy: 'Set MM1_COMPILE to 0 to run op by op, to graph to leave XLA out, or unset it to have steps compiled.',
  });
}
