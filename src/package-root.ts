import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder that holds this package's package.json: the same whether the code runs from src/ or from dist/.
 * Files that the compiler does not copy (JSON, configs) are read from there.
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('mm1 runs outside of its package: no package.json above its code');
    folder = parent;
  }
  return folder;
}
