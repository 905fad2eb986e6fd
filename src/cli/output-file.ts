import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Mm1Error } from '../errors.js';

/**
 * A file to be written, whole or not at all. It is begun at once, so that a path that cannot be written is found before any work.
 * @throws Mm1Error E_OUTPUT
 */
export function beginOutput(path: string): { write(text: string): void; abandon(): void } {
  const temporary = `${path}.${process.pid}.part`;
  const guarded = (action: () => void) => {
    try {
      action();
    } catch (cause) {
      throw new Mm1Error(`the report cannot be written: ${(cause as NodeJS.ErrnoException).code}`, {
        code: 'E_OUTPUT',
        where: path,
        remedy: 'Give another file with --output; its folder must exist.',
        cause,
      });
    }
  };
  guarded(() => closeSync(openSync(temporary, 'w')));
  return {
    write: (text) =>
      guarded(() => {
        writeFileSync(temporary, text);
        renameSync(temporary, path);
      }),
    abandon: () => rmSync(temporary, { force: true }),
  };
}
