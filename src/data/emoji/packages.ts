import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Mm1Error } from '../../errors.js';

const require = createRequire(import.meta.url);

/**
 * A JSON file of an installed package.
 * @param file Package and path: `emojibase-data/en/data.json`.
 * @throws Mm1Error E_CORPUS where the package is not installed or the file is damaged.
 */
export function readJson<T>(file: string): T {
  const path = locate(file);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (cause) {
    throw new Mm1Error('A file of a built-in corpus is damaged', {
      code: 'E_CORPUS',
      where: path,
      remedy: 'Install the dependencies again with `npm ci`.',
      cause,
    });
  }
}

/** Folder of an installed package. Throws Mm1Error E_CORPUS where it is not installed. */
export function packageFolder(name: string): string {
  return dirname(locate(`${name}/package.json`));
}

/** Version of an installed package. Throws Mm1Error E_CORPUS where it is not installed. */
export function packageVersion(name: string): string {
  return readJson<{ version: string }>(`${name}/package.json`).version;
}

function locate(file: string): string {
  try {
    return require.resolve(file);
  } catch (cause) {
    throw new Mm1Error(`A file of a built-in corpus is missing: ${file}`, {
      code: 'E_CORPUS',
      remedy: 'Install the dependencies again with `npm ci`.',
      cause,
    });
  }
}
