import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../package-root.js';

/** The stamp that scripts/install-engine.mjs writes last: what is installed, by path from the package root. */
const Stamp = z.object({
  tensorflow: z.string(),
  build: z.enum(['cpu', 'cuda']),
  platform: z.string(),
  package: z.string(),
  quiet: z.string(),
  files: z.record(z.string(), z.number()),
});

/** Native TensorFlow as installed: absolute paths. */
export interface Installation {
  /** Version of TensorFlow. */
  readonly version: string;
  readonly build: 'cpu' | 'cuda';
  /** Folder of @tensorflow/tfjs-node-gpu, with its binding in place. */
  readonly packageFolder: string;
  /** Module that holds standard error back while the libraries load. */
  readonly quietModule: string;
}

/**
 * Reads the stamp and checks that what it names stands there in full length.
 * @returns the installation, or the reason why there is none
 */
export function readInstallation(): Installation | { readonly reason: string } {
  const root = packageRoot();
  const store = join(root, '.engine');
  const text = readText(join(store, 'engine.json'));
  if (text === null) return { reason: `it is not installed${refusal(store)}` };
  const stamp = Stamp.safeParse(parse(text));
  if (!stamp.success) return { reason: 'its stamp .engine/engine.json cannot be read' };
  const { tensorflow: version, build, platform, files, package: packageFolder, quiet } = stamp.data;
  const here = `${process.platform}-${process.arch}`;
  if (platform !== here) return { reason: `it was installed for ${platform}, and this is ${here}` };
  for (const [path, size] of Object.entries(files)) {
    if (statSync(join(root, path), { throwIfNoEntry: false })?.size !== size) {
      return { reason: `its installation is damaged: ${path} is missing or has another length` };
    }
  }
  return { version, build, packageFolder: join(root, packageFolder), quietModule: join(root, quiet) };
}

/** What the install script said when it gave up. */
function refusal(store: string): string {
  const text = readText(join(store, 'refusal.json'));
  const parsed = z.object({ reason: z.string() }).safeParse(text === null ? null : parse(text));
  return parsed.success ? `: ${parsed.data.reason}` : '';
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The script that installs the engine. */
export const installScript = (): string => join(packageRoot(), 'scripts', 'install-engine.mjs');

/** The command that installs the engine, as a person types it. */
export const installCommand = (): string => `node ${installScript()}`;
