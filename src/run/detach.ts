import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Mm1Error } from '../errors.js';

/**
 * Starts the same command once more, away from this terminal: a hang-up does not reach it. What it says goes to a file.
 * @param args the command's own arguments, without the option that asked for this
 * @throws Mm1Error E_STORE where the file cannot be made
 */
export function detach(args: readonly string[], runsFolder: string): { readonly pid: number; readonly log: string } {
  const folder = join(runsFolder, 'logs');
  const log = join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.log`);
  let file: number;
  try {
    mkdirSync(folder, { recursive: true });
    file = openSync(log, 'ax');
  } catch (cause) {
    const remedy = 'Choose a folder that can be written with --runs-dir.';
    throw new Mm1Error('the log of the run cannot be made', { code: 'E_STORE', where: log, remedy, cause });
  }
  const child = spawn(process.execPath, [process.argv[1]!, ...args], { detached: true, stdio: ['ignore', file, file] });
  child.unref();
  closeSync(file);
  return { pid: child.pid!, log };
}
