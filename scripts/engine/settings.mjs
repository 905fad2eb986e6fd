/**
 * What is installed, and where it stands. Nothing here touches the disk but the reading of the binding's sources.
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Version of TensorFlow whose libraries are linked. */
export const TENSORFLOW = '2.21.0';
/** Version of the tfjs package that is fetched where npm took its own away. */
export const TFJS_NODE = '4.22.0';
export const TFJS_NODE_NAME = '@tensorflow/tfjs-node-gpu';

/** Root of the mm1 package. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Everything that this script installs. It stands beside node_modules, so the next `npm ci` finds it again. */
export const STORE = join(ROOT, '.engine');
export const STAMP = join(STORE, 'engine.json');
/** Why there is no TensorFlow, in one sentence, for `mm1 engine`. */
export const REFUSAL = join(STORE, 'refusal.json');
export const LOG = join(STORE, 'install.log');

/**
 * @typedef {'cpu' | 'cuda'} Build
 * @typedef {object} BuildFacts
 * @property {string} wheel name on the Python package index
 * @property {number} download bytes, about
 * @property {number} disk bytes needed while installing, about
 */

/** @type {Record<Build, BuildFacts>} */
export const BUILDS = {
  cpu: { wheel: 'tensorflow-cpu', download: 274e6, disk: 1.3e9 },
  cuda: { wheel: 'tensorflow', download: 3.3e9, disk: 11e9 },
};

/** Flags that every compiler gets; they are part of the binding's identity. */
export const COMPILE_FLAGS = [
  '-std=c++17',
  '-O2',
  '-fPIC',
  '-shared',
  '-pipe',
  '-fno-access-control',
  '-DNAPI_VERSION=8',
];

/** Folder of the unpacked libraries and headers of a build. @param {Build} build */
export const librariesOf = (build) => join(STORE, `tensorflow-${TENSORFLOW}-${build}`);

/** Folder of tfjs-node-gpu as fetched by this script. */
export const OWN_PACKAGE_HOME = join(STORE, `package-${TFJS_NODE}`);

/**
 * Where tfjs-node-gpu stands: npm's copy, else the one that this script fetched.
 * @returns {string | null} the package's folder
 */
export function findPackage() {
  try {
    return dirname(createRequire(join(ROOT, 'package.json')).resolve(`${TFJS_NODE_NAME}/package.json`));
  } catch {
    const own = join(OWN_PACKAGE_HOME, 'node_modules', TFJS_NODE_NAME);
    return existsSync(join(own, 'package.json')) ? own : null;
  }
}

/**
 * Identity of the compiled binding: whatever goes into it.
 * @param {string} packageFolder @param {Build} build
 * @returns {string} 12 hexadecimal digits
 */
export function bindingHash(packageFolder, build) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([TENSORFLOW, build, process.platform, process.arch, COMPILE_FLAGS]));
  const folder = join(packageFolder, 'binding');
  const sources = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
  for (const source of [...sources, FUNCTIONS_SOURCE, ...kernelFiles(), QUIET_SOURCE])
    hash.update(source.slice(dirname(source).length)).update(readFileSync(source));
  return hash.digest('hex').slice(0, 12);
}

export const FUNCTIONS_SOURCE = fileURLToPath(new URL('functions.cc', import.meta.url));
/** Kernels of whole layers: every file that they are made of. */
export const kernelFiles = () => {
  const folder = fileURLToPath(new URL('kernels/', import.meta.url));
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
};
export const QUIET_SOURCE = fileURLToPath(new URL('quiet.cc', import.meta.url));

/** A path as it stands in the stamp: relative to the package root, so that the whole folder can be moved. @param {string} path */
export const fromRoot = (path) => relative(ROOT, path);
