/**
 * The native module of tfjs-node-gpu: compiled against TensorFlow's libraries, put where the package looks, and proved.
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCompiler } from './machine.mjs';
import { commit, Refusal, run, synchronize, temporaryFolder } from './process.mjs';
import { say } from './progress.mjs';
import {
  bindingHash,
  COMPILE_FLAGS,
  FUNCTIONS_SOURCE,
  kernelFiles,
  librariesOf,
  QUIET_SOURCE,
  ROOT,
  STORE,
} from './settings.mjs';

/**
 * @typedef {object} Binding
 * @property {string} module the compiled tfjs_binding.node
 * @property {string} quiet the compiled quiet.node
 */

/**
 * Where the binding of a package and a build stands, or will stand.
 * @param {string} packageFolder @param {import('./settings.mjs').Build} build
 * @returns {Binding}
 */
export function bindingOf(packageFolder, build) {
  const home = join(STORE, `binding-${bindingHash(packageFolder, build)}`);
  return { module: join(home, 'tfjs_binding.node'), quiet: join(home, 'quiet.node') };
}

/**
 * Makes sure that the binding is compiled (about 10 s).
 * @param {string} packageFolder
 * @param {import('./settings.mjs').Build} build
 * @returns {Promise<void>}
 */
export async function compileBinding(packageFolder, build) {
  const home = dirname(bindingOf(packageFolder, build).module);
  if (existsSync(home)) return;
  const compiler = await findCompiler();
  say('compiling the binding');
  const libraries = librariesOf(build);
  const folder = join(temporaryFolder(), 'binding');
  mkdirSync(folder);
  const nodeApi = /** @type {{ include_dir: string }} */ (
    createRequire(join(ROOT, 'package.json'))('node-api-headers')
  );
  const binding = join(packageFolder, 'binding');
  const includes = [`-I${nodeApi.include_dir}`, `-I${join(libraries, 'tensorflow', 'include')}`, `-I${packageFolder}`];
  const link = [`-L${join(libraries, 'tensorflow')}`, '-Wl,--disable-new-dtags', ...rpaths(libraries)];
  /** @type {[string, string[], string[]][]} */
  const modules = [
    [
      'tfjs_binding.node',
      [join(binding, 'tfjs_backend.cc'), FUNCTIONS_SOURCE, ...kernelFiles().filter((file) => file.endsWith('.cc'))],
      ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ],
    ['quiet.node', [QUIET_SOURCE], []],
  ];
  const answers = await Promise.all(
    modules.map(([name, sources, needed]) =>
      run([...compiler, ...COMPILE_FLAGS, ...includes, ...sources, '-o', join(folder, name), ...link, ...needed], {
        env: { ...process.env, TMPDIR: folder },
      }),
    ),
  );
  for (const { ok, output } of answers) {
    if (!ok)
      throw new Refusal(
        `the binding does not compile: ${/^.*error.*$/im.exec(output)?.[0] ?? `${compiler.join(' ')} failed`}`,
      );
  }
  for (const [name] of modules) synchronize(join(folder, name));
  synchronize(folder);
  commit(folder, home);
}

/**
 * Where the module looks for libraries, relative to itself, so that no LD_LIBRARY_PATH is needed and the folder can be moved.
 * --disable-new-dtags beside it makes these paths count for what TensorFlow opens later, too.
 * @param {string} libraries
 * @returns {string[]}
 */
function rpaths(libraries) {
  const base = `$ORIGIN/../${relative(STORE, libraries)}`;
  const nvidia = join(libraries, 'nvidia');
  const parts = existsSync(nvidia) ? readdirSync(nvidia).filter((name) => existsSync(join(nvidia, name, 'lib'))) : [];
  const cuda = parts.map((name) => `${base}/nvidia/${name}/lib`);
  return [`${base}/tensorflow`, ...cuda].map((path) => `-Wl,-rpath,${path}`);
}

/**
 * Puts a link to the binding where the package's loader looks: Node follows it, so the rpath starts at the store.
 * @param {string} packageFolder @param {Binding} binding
 */
export function placeBinding(packageFolder, binding) {
  const place = placeOf(packageFolder);
  const target = relative(dirname(place), binding.module);
  try {
    if (readlinkSync(place) === target) return;
  } catch {
    // Nothing is there, or a file of the package's own install script: replaced below.
  }
  mkdirSync(dirname(place), { recursive: true });
  const link = `${place}.${process.pid}`;
  rmSync(link, { force: true });
  symlinkSync(target, link);
  renameSync(link, place);
}

/** Takes the link away again. @param {string} packageFolder */
export function removeBinding(packageFolder) {
  rmSync(placeOf(packageFolder), { force: true });
}

/** @param {string} packageFolder */
const placeOf = (packageFolder) => join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node');

/**
 * Proves the engine in a child process, since a library that does not fit this processor would end ours.
 * @param {string} packageFolder
 * @returns {Promise<{ version: string, gpu: boolean }>}
 */
export async function prove(packageFolder) {
  const script = fileURLToPath(new URL('prove.mjs', import.meta.url));
  const answer = await run([process.execPath, script, packageFolder], { timeout: 120_000 });
  const found = /^proved (\S+) (gpu|cpu)$/m.exec(answer.stdout);
  if (!answer.ok || !found) {
    const reason = /^\w*Error.*$/m.exec(answer.output)?.[0] ?? 'it ends without an answer';
    throw new Refusal(`the matrix product that proves it fails: ${reason}`);
  }
  return { version: found[1] ?? '', gpu: found[2] === 'gpu' };
}
