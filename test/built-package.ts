import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';

/** The package as a user has it: compiled to dist/, with its dependencies, data files and engine, in a folder of its own. */
export interface BuiltPackage {
  readonly root: string;
  /** The compiled command line, to be run with Node. */
  readonly cli: string;
  remove(): void;
}

/**
 * Compiles src/ for tests that need a process of their own, so that they never see an old dist/.
 *
 * @param engine 'real' for the installation that stands in this checkout, 'none' for an empty one
 */
export function buildPackage(engine: 'real' | 'none' = 'real'): BuiltPackage {
  const source = packageRoot();
  const root = mkdtempSync(join(tmpdir(), 'mm1-package-'));
  const parameters = ['-p', join(source, 'tsconfig.json'), '--outDir', join(root, 'dist')];
  const compiler = join(source, 'node_modules', 'typescript', 'bin', 'tsc');
  const { error } = spawnSync(process.execPath, [compiler, ...parameters], { stdio: 'ignore' });
  // Type errors are for `npm run check` to tell: what the compiler wrote is what runs.
  if (error) throw error;
  if (engine === 'none') mkdirSync(join(root, '.engine'));
  copyFileSync(join(source, 'package.json'), join(root, 'package.json'));
  for (const folder of ['node_modules', 'src', 'configs', ...(engine === 'real' ? ['.engine'] : [])])
    symlinkSync(join(source, folder), join(root, folder), 'dir');
  return { root, cli: join(root, 'dist', 'cli', 'main.js'), remove: () => rmSync(root, { recursive: true }) };
}
