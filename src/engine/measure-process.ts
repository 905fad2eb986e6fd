/**
 * Child process of survey.ts. Opens the engine that the command line names, measures it, and sends its parent a {@link Measured}.
 * @module
 */

import { ENGINE_NAMES, type Engine } from './engine.js';
import { ENGINES } from './index.js';
import { measureSpeed, type Speed } from './speed.js';

export type Measured = { readonly engine: Engine; readonly speed: Speed } | { readonly error: string };

async function measure(name: string | undefined): Promise<Measured> {
  try {
    const known = ENGINE_NAMES.find((engine) => engine === name);
    if (!known) throw new Error(`there is no engine named ${name}`);
    const engine = await ENGINES[known].open();
    return { engine, speed: await measureSpeed() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const answer = await measure(process.argv[2]);
process.send?.(answer, () => process.exit());
