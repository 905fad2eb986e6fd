import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cases, groupFolder } from '../../golden-folder.js';

const ROOT = groupFolder('metrics');

/** Folders of the golden cases of metrics which hold the given file besides their case.json. */
export function metricCases(holds: (caseFile: Record<string, unknown>, folder: string) => boolean): string[] {
  return cases('metrics')
    .map((folder) => basename(folder))
    .filter((name) => holds(readJson(name, 'case.json'), join(ROOT, name)));
}

/** A file of a golden case of metrics. */
export function readJson<T = Record<string, unknown>>(name: string, file: string): T {
  return JSON.parse(readFileSync(join(ROOT, name, file), 'utf8')) as T;
}
