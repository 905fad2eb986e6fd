import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const OWN = join(import.meta.dirname, 'golden');
/** Other cases of the same form, which take the place of the project's own. */
const GIVEN = process.env.MM1_GOLDEN === undefined ? OWN : resolve(process.env.MM1_GOLDEN);

/** Folder of a group of golden cases: of `MM1_GOLDEN` where it has the group, or else the project's own. */
export function groupFolder(group: string): string {
  const given = join(GIVEN, group);
  return existsSync(given) ? given : join(OWN, group);
}

/** Folders of the cases of one group. */
export function cases(group: string): string[] {
  const folder = groupFolder(group);
  if (existsSync(join(folder, 'case.json'))) return [folder];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'case.json')));
}
