import { join } from 'node:path';

/** The record of all runs, in a runs folder. */
export function databaseFile(runsFolder: string): string {
  return join(runsFolder, 'mm1.sqlite');
}

/** The cache of stages, in a runs folder. */
export function cacheFolder(runsFolder: string): string {
  return join(runsFolder, 'cache');
}
