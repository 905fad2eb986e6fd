/**
 * Lines on the screen. npm hides an install script's output unless it is asked for (`npm ci --foreground-scripts`).
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} text */
export const say = (text) => process.stdout.write(`mm1 engine: ${text}\n`);

/**
 * Says every ten seconds (every second on a terminal) how far a download has come, from the size of the folder it grows in:
 * that works with every version of pip.
 * @param {string} folder
 * @param {number} total bytes expected, about
 * @returns {() => void} ends it
 */
export function watchDownload(folder, total) {
  const terminal = process.stdout.isTTY;
  const start = Date.now();
  let said = false;
  const timer = setInterval(
    () => {
      const bytes = sizeOf(folder);
      if (bytes === 0) return;
      const left = ((Date.now() - start) / 1000 / bytes) * Math.max(0, total - bytes);
      const text = `  ${(bytes / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB, about ${Math.ceil(left)} s left`;
      process.stdout.write(terminal ? `\r${text}\x1b[K` : `${text}\n`);
      said = true;
    },
    terminal ? 1000 : 10_000,
  );
  return () => {
    clearInterval(timer);
    if (said && terminal) process.stdout.write('\n');
  };
}

/**
 * Bytes of all files below a folder, which another process may be filling and emptying: what is gone by the time it is looked at counts as nothing.
 * @param {string} folder
 * @returns {number} 0 where there is no such folder
 */
export function sizeOf(folder) {
  let bytes = 0;
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += sizeOf(path);
    else if (entry.isFile()) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return [];
    throw error;
  }
}
