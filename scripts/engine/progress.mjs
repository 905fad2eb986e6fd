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
 * Bytes of all files below a folder.
 * @param {string} folder
 * @returns {number}
 */
export function sizeOf(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    // pip removes and renames files while this runs.
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
