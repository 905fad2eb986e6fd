import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** File systems that one machine has to itself. */
const LOCAL: readonly string[] = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'tmpfs', 'ramfs', 'overlay'];
/** What is mounted where, as Linux tells it. */
const MOUNTS = '/proc/self/mounts';

/** The file system that a folder is on, or will be where it is not there yet. */
export interface FileSystem {
  /** As mount(8) names it, `ext4` or `nfs4`; null where this system does not tell. */
  readonly type: string | null;
  /** Whether other machines may have it too. */
  readonly isShared: boolean;
}

/** The file system of a folder, links followed. */
export function fileSystem(folder: string): FileSystem {
  let at = resolve(folder);
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const type = existsSync(MOUNTS) ? fileSystemOf(realpathSync(at), readFileSync(MOUNTS, 'utf8')) : null;
  return { type, isShared: type !== null && !LOCAL.includes(type) };
}

/** Type of the file system that a folder is on, by a table of mounts as Linux writes it; null where none holds it. */
export function fileSystemOf(folder: string, mounts: string): string | null {
  const found = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length > 2)
    .map(([, at, type]) => ({ at: at!.replaceAll('\\040', ' '), type: type! }))
    .filter(({ at }) => folder === at || folder.startsWith(at.endsWith('/') ? at : `${at}/`))
    .sort((a, b) => b.at.length - a.at.length);
  return found[0]?.type ?? null;
}
