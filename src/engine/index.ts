import { Mm1Error } from '../errors.js';
import { ENGINE_NAMES, type Engine, type EngineKind, type EngineName } from './engine.js';
import { installCommand } from './installation.js';
import { tensorflow } from './tensorflow/index.js';
import { wasm } from './wasm.js';
import { INSTALL_WEBGPU, webgpu } from './webgpu.js';

export { ENGINE_NAMES, type Engine, type EngineName } from './engine.js';

/** The engines by name. */
export const ENGINES: Readonly<Record<EngineName, EngineKind>> = { tensorflow, webgpu, wasm };

/** Which engine would be used, and why. */
export interface EngineChoice {
  readonly name: EngineName;
  /** True where MM1_ENGINE or the caller named it: then no other may take its place. */
  readonly forced: boolean;
  readonly reason: string;
}

/**
 * Chooses the engine: the one named by the caller, else by MM1_ENGINE, else TensorFlow where it is installed, else wasm; webgpu only
 * where it is named. Loads nothing.
 * @throws Mm1Error E_ENGINE where MM1_ENGINE names no engine, or one that is not installed
 */
export function chooseEngine(name?: EngineName): EngineChoice {
  const wished = name ?? process.env.MM1_ENGINE;
  if (!wished) {
    const reason = tensorflow.missing();
    if (reason === null) return { name: 'tensorflow', forced: false, reason: 'it is installed, and the fastest' };
    return { name: 'wasm', forced: false, reason: `it is always there; tensorflow: ${reason}` };
  }
  const found = ENGINE_NAMES.find((known) => known === wished);
  if (!found) {
    throw new Mm1Error(`there is no engine named ${JSON.stringify(wished)}`, {
      code: 'E_ENGINE',
      where: 'MM1_ENGINE',
      remedy: `Set MM1_ENGINE to ${ENGINE_NAMES.slice(0, -1).join(', ')} or ${ENGINE_NAMES.at(-1)}, or unset it to have the best one that is installed.`,
    });
  }
  const reason = ENGINES[found].missing();
  if (reason !== null) throw notUsable(found, reason);
  return { name: found, forced: true, reason: name ? 'it was asked for' : `MM1_ENGINE is ${found}` };
}

/**
 * Opens the engine that {@link chooseEngine} names and makes it the one that every tensor of this process is computed by. Nothing of any engine is
 * loaded before. May be called again, also with another name.
 * @param programs folder that compiled programs are kept in from process to process; they are not kept if left out
 * @throws Mm1Error E_ENGINE where the engine that was asked for is unknown, not installed or does not load
 */
export async function openEngine(name?: EngineName, programs?: string): Promise<Engine> {
  const choice = chooseEngine(name);
  try {
    return await ENGINES[choice.name].open(programs);
  } catch (error) {
    const reason = firstLine(error);
    if (choice.forced || choice.name === 'wasm') throw notUsable(choice.name, reason, error);
    process.emitWarning(`${choice.name} does not load, so wasm computes, many times slower: ${reason}`, {
      type: 'EngineWarning',
      detail: `To install ${choice.name} again: ${installCommand()}`,
    });
    return wasm.open();
  }
}

function notUsable(name: EngineName, reason: string, cause?: unknown): Mm1Error {
  return new Mm1Error(`the engine ${name} cannot be used: ${reason}`, {
    code: 'E_ENGINE',
    remedy: REMEDIES[name](),
    cause,
  });
}

const REMEDIES: Readonly<Record<EngineName, () => string>> = {
  tensorflow: () => `Install it with: ${installCommand()}`,
  webgpu: () =>
    webgpu.missing() === null
      ? '`mm1 engine` says which engines can be used here.'
      : `Install it with: ${INSTALL_WEBGPU}`,
  wasm: () => 'Run `npm ci` again: its package is damaged.',
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
