/**
 * Installs the native engine: TensorFlow's libraries from its Python wheel, under tfjs-node-gpu's binding compiled here.
 *
 * Runs as the package's install script, so by `npm ci`, and there always exits with 0, but for an interrupt: where the engine cannot be installed it says why in one line, and
 * wasm serves. By hand it is `mm1 engine install`, which names a build or `--best`: then a failure is a failure, and no other build takes its place. MM1_SKIP_ENGINE=1 skips it. Everything is built in a temporary folder and put in place by
 * a rename; the stamp (.engine/engine.json) is written last, after the proof, and is what src/engine trusts.
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bindingOf, compileBinding, placeBinding, prove, removeBinding } from './engine/binding.mjs';
import { installLibraries } from './engine/libraries.mjs';
import { checkDriver, checkPip, checkPlatform, findCompiler, hasGpu } from './engine/machine.mjs';
import { installPackage } from './engine/package.mjs';
import {
  cleanUpOnSignals,
  commit,
  Refusal,
  removeLeftovers,
  removeTemporary,
  synchronize,
  temporaryFolder,
} from './engine/process.mjs';
import { say } from './engine/progress.mjs';
import { findPackage, fromRoot, LOG, librariesOf, REFUSAL, STAMP, STORE, TENSORFLOW } from './engine/settings.mjs';

/** @typedef {import('./engine/settings.mjs').Build} Build */

/**
 * What stands, by path from the package root.
 * @param {string} packageFolder @param {Build} build
 */
function describe(packageFolder, build) {
  const binding = bindingOf(packageFolder, build);
  const libraries = ['cc', 'framework'].map((name) =>
    join(librariesOf(build), 'tensorflow', `libtensorflow_${name}.so.2`),
  );
  const files = [binding.module, binding.quiet, ...libraries];
  return {
    tensorflow: TENSORFLOW,
    build,
    platform: `${process.platform}-${process.arch}`,
    package: fromRoot(packageFolder),
    quiet: fromRoot(binding.quiet),
    /** Bytes of each file: one that was cut short does not pass. */
    files: Object.fromEntries(
      files.map((path) => [fromRoot(path), statSync(path, { throwIfNoEntry: false })?.size ?? null]),
    ),
  };
}

/**
 * The build that the stamp names, where all that it names still stands.
 * @returns {Build | null}
 */
function installedBuild() {
  try {
    const text = readFileSync(STAMP, 'utf8');
    const { build } = /** @type {{ build: Build }} */ (JSON.parse(text));
    const packageFolder = findPackage();
    if (!packageFolder || text !== stampText(packageFolder, build)) return null;
    // npm makes node_modules anew; the store has stayed.
    placeBinding(packageFolder, bindingOf(packageFolder, build));
    return build;
  } catch {
    return null;
  }
}

/** @param {string} packageFolder @param {Build} build */
const stampText = (packageFolder, build) => `${JSON.stringify(describe(packageFolder, build), null, 2)}\n`;

/**
 * Installs one build whole, stamp last.
 * @param {Build} build
 */
async function install(build) {
  const packageFolder = await installPackage();
  const binding = bindingOf(packageFolder, build);
  const homes = [librariesOf(build), dirname(binding.module)];
  for (;;) {
    const kept = homes.some((home) => existsSync(home));
    try {
      await installLibraries(build);
      await compileBinding(packageFolder, build);
      placeBinding(packageFolder, binding);
      const { version, gpu } = await prove(packageFolder);
      if (version !== TENSORFLOW) throw new Refusal(`the libraries are those of TensorFlow ${version}`);
      if (build === 'cuda' && !gpu && (await hasGpu())) throw new Refusal('TensorFlow finds no GPU that it can use');
      break;
    } catch (error) {
      removeBinding(packageFolder);
      removeTemporary();
      for (const home of homes) rmSync(home, { recursive: true, force: true });
      // What was kept from an earlier install may be damaged: once more, from nothing.
      if (!kept) throw error;
    }
  }
  const stamp = join(temporaryFolder(), 'engine.json');
  writeFileSync(stamp, stampText(packageFolder, build));
  synchronize(stamp);
  commit(stamp, STAMP);
  removeOutdated([...homes, packageFolder]);
}

/** Removes what earlier versions left in the store. @param {readonly string[]} inUse */
function removeOutdated(inUse) {
  for (const name of readdirSync(STORE)) {
    const path = join(STORE, name);
    if (
      !/^(tensorflow|binding|package)-/.test(name) ||
      inUse.some((used) => used === path || used.startsWith(`${path}/`))
    )
      continue;
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * @param {Build | null} asked the build that a person named; else CUDA where there is a GPU that it can use
 */
async function main(asked) {
  const skip = Boolean(process.env.MM1_SKIP_ENGINE) && process.env.MM1_SKIP_ENGINE !== '0';
  const installed = installedBuild();
  const isBest = async () => installed === 'cuda' || !(await hasGpu());
  if (installed && (skip || (asked ? installed === asked : await isBest()))) {
    say(`TensorFlow ${TENSORFLOW} (${installed}) is in place`);
    return;
  }
  if (skip) throw new Refusal('MM1_SKIP_ENGINE is set');
  checkPlatform();
  mkdirSync(STORE, { recursive: true });
  if (!installed) rmSync(STAMP, { force: true });
  removeLeftovers();
  const start = Date.now();
  cleanUpOnSignals();
  rmSync(LOG, { force: true });
  await checkPip();
  await findCompiler();
  /** @type {Build} */
  let build = asked ?? 'cpu';
  if (asked === 'cuda' || (!asked && (await hasGpu()))) {
    try {
      build = 'cuda';
      await checkDriver();
      await install(build);
    } catch (error) {
      if (asked || !(error instanceof Refusal)) throw error;
      say(`the CUDA build is not possible (${error.message}); taking the CPU build`);
      build = 'cpu';
    }
  }
  // Asked anew, since the attempt above took the link to the CPU build away.
  if (build === 'cpu' && installedBuild() !== 'cpu') await install(build);
  rmSync(REFUSAL, { force: true });
  say(`TensorFlow ${TENSORFLOW} (${build}) is in place after ${((Date.now() - start) / 1000).toFixed(0)} s`);
}

const { values: by } = parseArgs({
  options: { cpu: { type: 'boolean' }, cuda: { type: 'boolean' }, best: { type: 'boolean' } },
});
/** Whether a person asks, who is to be told by the exit status too. */
const byHand = Object.values(by).some(Boolean);
try {
  await main(by.cuda ? 'cuda' : by.cpu ? 'cpu' : null);
} catch (error) {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  if (byHand) process.exitCode = 1;
  const stays = installedBuild(); // puts back the link that a failed attempt took away
  if (stays) {
    process.stderr.write(`mm1 engine: not installed: ${reason}; TensorFlow ${TENSORFLOW} (${stays}) stays\n`);
  } else {
    process.stderr.write(`mm1 engine: TensorFlow is not installed: ${reason}; the wasm engine serves\n`);
    try {
      mkdirSync(STORE, { recursive: true });
      writeFileSync(REFUSAL, `${JSON.stringify({ reason })}\n`);
    } catch {
      // A store that cannot be written is the reason itself.
    }
  }
} finally {
  removeTemporary();
}
