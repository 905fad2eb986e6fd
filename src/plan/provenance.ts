import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, hostname, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import type { Provenance } from '../store/rows.js';

/** Direct dependencies whose version can change a number. */
const PACKAGES = [
  '@huggingface/tokenizers',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-node-gpu',
  'better-sqlite3',
  'sharp',
];

/**
 * Where numbers come from: code, packages, engine and machine. What cannot be found out is null, or left out.
 *
 * @param engine name, version and device, as `mm1 engine` prints them
 * @param command the command line that was typed
 */
export function collectProvenance(engine: Provenance['engine'], command: string): Provenance {
  const { name, version, device, products } = engine;
  const root = packageRoot();
  const processors = cpus();
  return {
    mm1: readVersion(join(root, 'package.json')) ?? 'unknown',
    node: process.version,
    ...gitState(root),
    packages: Object.fromEntries(
      PACKAGES.flatMap((name) => {
        const version = installedVersion(name);
        return version === undefined ? [] : [[name, version]];
      }),
    ),
    engine: { name, version, device, ...(products && { products }) },
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    gpu: output('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'])?.replaceAll('\n', ', ') || null,
    platform: `${platform()} ${release()} ${process.arch}`,
    host: hostname(),
    command,
  };
}

/** Commit and dirtiness of a folder that is the top of a git checkout; null for both when it is none. */
export function gitState(root: string): { commit: string | null; dirty: boolean | null } {
  const none = { commit: null, dirty: null };
  const top = output('git', ['-C', root, 'rev-parse', '--show-toplevel']);
  // Installed into somebody else's checkout, the commit that git would name is not ours.
  if (top === undefined || realpathSync(top) !== realpathSync(root)) return none;
  const commit = output('git', ['-C', root, 'rev-parse', 'HEAD']);
  if (commit === undefined) return none;
  const changes = output('git', ['-C', root, 'status', '--porcelain']);
  return { commit, dirty: changes === undefined ? null : changes !== '' };
}

/** Version of a package as Node finds it from here; undefined when it is not installed. */
function installedVersion(name: string): string | undefined {
  // Asked by path: a package's exports may hide its package.json.
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const version = readVersion(join(folder, name, 'package.json'));
    if (version !== undefined) return version;
  }
  return undefined;
}

function readVersion(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    // No such package: optional dependencies are missing on many machines.
    return undefined;
  }
}

/** What a program prints, or undefined when it is not there, fails, or takes longer than 10 seconds. */
function output(program: string, parameters: readonly string[]): string | undefined {
  try {
    return execFileSync(program, parameters, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    }).trim();
  } catch {
    return undefined;
  }
}
