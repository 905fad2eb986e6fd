import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mm1Error } from '../../../errors.js';
import { fileSystem } from '../../../store/file-system.js';

/** Bytes that must fit at least: more than any file system holds back. */
const PROBE = 1 << 20;

/**
 * Sees that a folder can be written, and that other machines see it too.
 * @throws Mm1Error E_SLURM
 */
export function checkShared(folder: string): void {
  const probe = join(folder, `.mm1-probe-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, Buffer.alloc(PROBE));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const full = code === 'EDQUOT' || code === 'ENOSPC';
    throw new Mm1Error(full ? 'there is no room for the results' : `the runs folder cannot be written: ${message}`, {
      code: 'E_SLURM',
      where: folder,
      remedy: full
        ? 'See "quota -s" and "df -h" there; free some, or choose another with --runs-dir.'
        : 'Choose another with --runs-dir.',
      cause,
    });
  } finally {
    rmSync(probe, { force: true });
  }
  const { type, isShared } = fileSystem(folder);
  if (type === null || isShared) return;
  throw new Mm1Error(`the runs folder is on a disk of this machine (${type}), which the cluster's others do not see`, {
    code: 'E_SLURM',
    where: folder,
    remedy: `"df -T ${folder}" shows it. Choose a folder that all see with --runs-dir; --force submits all the same, where one machine is all there is.`,
  });
}
