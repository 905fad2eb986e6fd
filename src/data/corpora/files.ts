import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every file under a folder whose name ends so, sorted by path. Links are left out: they repeat a file.
 * @returns paths from the folder
 */
export function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
