import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Forces a file or a folder to the disk. */
export function force(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
