/**
 * Child processes and the temporary folder, with nothing left behind when the install is interrupted.
 * @module
 */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { constants, hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { LOG, STORE } from './settings.mjs';

/** A reason, in one sentence, why TensorFlow cannot be installed here. */
export class Refusal extends Error {}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
/** @type {string | null} */
let temporary = null;

const PREFIX = 'tmp-';
/** Host names may hold anything; the part before the process id must not. */
const HOST = hostname().replace(/[^A-Za-z0-9.]/g, '.');

/**
 * A fresh temporary folder inside the store, on the same disk as what it will become.
 * @returns {string} its path, the same all through one install
 */
export function temporaryFolder() {
  temporary ??= mkdtempSync(join(STORE, `${PREFIX}${HOST}-${process.pid}-`));
  return temporary;
}

/** Removes the temporary folder of this install. */
export function removeTemporary() {
  try {
    if (temporary) rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The next install clears it away.
  }
  temporary = null;
}

/**
 * Removes what installs that died have left: those of a process of this machine that is gone, and whatever is older than
 * a day (an install in a container, or one whose process id another program has by now).
 */
export function removeLeftovers() {
  for (const name of readdirSync(STORE)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(STORE, name);
    const [host, pid] = name.slice(PREFIX.length).split('-');
    if ((host === HOST && !isAlive(Number(pid))) || Date.now() - statSync(path).mtimeMs > 86_400_000) {
      // A child of the dead install may still be writing for a moment.
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** Set by the first interrupt: from then on nothing but the clean-up happens. */
let interrupted = false;

/** On an interrupt: ends the children, removes the temporary folder and exits with the shell's own status for that signal. */
export function cleanUpOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, async () => {
      if (interrupted) return;
      interrupted = true;
      // A child that still writes would bring the folder back while it is being removed.
      const ends = [...children].map((child) => new Promise((end) => child.once('close', end)));
      for (const child of children) child.kill('SIGTERM');
      const impatience = setTimeout(() => {
        for (const child of children) child.kill('SIGKILL');
      }, 2000);
      await Promise.all(ends);
      clearTimeout(impatience);
      removeTemporary();
      process.exit(128 + constants.signals[signal]);
    });
  }
}

/**
 * Runs a program to its end; everything it says goes to the log.
 * @param {readonly string[]} command program and arguments
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number }} [options] timeout in milliseconds
 * @returns {Promise<{ ok: boolean, missing: boolean, stdout: string, output: string }>} never rejects, and never resolves after an interrupt; `missing` where there is no such program,
 *   `output` is both streams
 */
export function run(command, options = {}) {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const { timeout, ...rest } = options;
    // spawn's own `timeout` keeps Node alive for its whole length where the program does not exist.
    const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
    const child = spawn(program, args, { ...rest, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    let missing = false;
    child.on('error', (error) => {
      missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT';
      output += `${error.message}\n`;
    });
    child.on('close', (status, signal) => {
      children.delete(child);
      if (interrupted) return;
      if (!missing) appendFileSync(LOG, `$ ${command.join(' ')}\n${output}[${signal ?? status}]\n`);
      resolve({ ok: status === 0, missing, stdout, output });
    });
  });
}

/**
 * Puts a finished file or folder in its place in one step: it is there whole, or not at all.
 * @param {string} from in the temporary folder, already written through to the disk
 * @param {string} to
 */
export function commit(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    // Another install was faster; what stands there is as whole as this one.
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  synchronize(dirname(to));
}

/** Writes a file or folder through to the disk. @param {string} path */
export function synchronize(path) {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
