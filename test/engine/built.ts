import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Compiles the engine and its command into a package of its own in a temporary folder, with the real node_modules beside it: what runs in child
 * processes has to be JavaScript, and a package of its own can have an installation of its own.
 *
 * @param installation 'real' for what stands in this checkout, 'none' for an empty one
 * @returns the package's root; its code is in dist/
 */
export function buildPackage(installation: 'real' | 'none'): string {
  const root = mkdtempSync(join(tmpdir(), 'mm1-engine-'));
  copyFileSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  if (installation === 'none') mkdirSync(join(root, '.engine'));
  else if (existsSync(join(ROOT, '.engine'))) symlinkSync(join(ROOT, '.engine'), join(root, '.engine'));
  const compilerOptions = {
    rootDir: join(ROOT, 'src'),
    outDir: join(root, 'dist'),
    sourceMap: false,
    declaration: false,
  };
  const files = [join(ROOT, 'src/cli/engine.ts')];
  writeFileSync(
    join(root, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, files, include: [] }),
  );
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', root], { stdio: 'inherit' });
  return root;
}

/** What a child process said and how it ended. */
export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
