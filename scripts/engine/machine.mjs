/**
 * What this machine offers. Each function answers with the thing, or refuses with a sentence that says what is missing.
 * @module
 */
import { statfsSync } from 'node:fs';
import { Refusal, run } from './process.mjs';
import { BUILDS, STORE } from './settings.mjs';

/** TensorFlow's wheels need glibc 2.27; other systems' wheels are laid out otherwise and were never tried. */
export function checkPlatform() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Refusal(`the native engine was only tried on Linux x64, and this is ${process.platform} ${process.arch}`);
  }
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const glibc = report.header.glibcVersionRuntime;
  const [major = 0, minor = 0] = (glibc ?? '').split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 27)) {
    throw new Refusal(
      glibc
        ? `TensorFlow needs glibc 2.27, and this system has ${glibc}`
        : 'TensorFlow needs glibc, and this system has another C library',
    );
  }
}

/** @param {import('./settings.mjs').Build} build */
export function checkDisk(build) {
  const { bavail, bsize } = statfsSync(STORE);
  const need = BUILDS[build].disk;
  if (bavail * bsize < need) {
    throw new Refusal(
      `the disk has ${((bavail * bsize) / 1e9).toFixed(1)} GB free, and the install needs ${(need / 1e9).toFixed(1)} GB`,
    );
  }
}

/** Refuses where `python3 -m pip` does not run. */
export async function checkPip() {
  const answer = await run(['python3', '-m', 'pip', '--version']);
  if (answer.missing) throw new Refusal('there is no python3, whose pip downloads TensorFlow');
  if (!answer.ok) throw new Refusal('python3 has no pip, which downloads TensorFlow');
}

/**
 * The C++ compiler: $CXX, else c++, g++ or clang++, whichever runs first.
 * @returns {Promise<string[]>} program and arguments
 */
export async function findCompiler() {
  const own = process.env.CXX?.trim();
  const candidates = own ? [own] : ['c++', 'g++', 'clang++'];
  for (const candidate of candidates) {
    const command = candidate.split(/\s+/);
    if ((await run([...command, '--version'])).ok) return command;
  }
  throw new Refusal(
    own
      ? `the C++ compiler that CXX names does not run: ${own}`
      : 'there is no C++ compiler (g++ or clang++; CXX names another)',
  );
}

/** Whether nvidia-smi lists a GPU. */
export async function hasGpu() {
  const answer = await run(['nvidia-smi', '-L'], { timeout: 20_000 });
  return answer.ok && /^GPU \d+:/m.test(answer.stdout);
}

/** Oldest driver of NVIDIA's that CUDA 12 runs on. */
const OLDEST_DRIVER = '525.60.13';

/** Refuses a driver that is too old for CUDA 12; where there is none, a folder is made ready for other machines. */
export async function checkDriver() {
  const answer = await run(['nvidia-smi', '--query-gpu=driver_version', '--format=csv,noheader'], { timeout: 20_000 });
  const version = /^\d+(\.\d+)*/.exec(answer.stdout)?.[0];
  if (!answer.ok || version === undefined) return;
  if (version.localeCompare(OLDEST_DRIVER, 'en', { numeric: true }) < 0) {
    throw new Refusal(`the NVIDIA driver is ${version}, and CUDA 12 needs ${OLDEST_DRIVER} or later`);
  }
}
