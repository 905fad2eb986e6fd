import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { join } from 'node:path';

/** Ending of the file that says what a program's file holds. */
const SEAL = '.sha256';
/** Most bytes of programs that are kept, about: the oldest go first. */
const MOST_BYTES = 1 << 30;

/** Where this process keeps its compiled programs; null where it keeps none. */
let opened: string | null = null;

/**
 * Has XLA keep compiled programs in a folder and take them from there: before TensorFlow loads. Programs are kept by kind of
 * processor: machine code is of no use, and no good, on another. Entries that are damaged, or were not written whole, are
 * removed: XLA trusts what it reads.
 * @param root folder that the programs of all kinds of processor stand in
 * @param version of the TensorFlow that compiles
 */
export function openProgramCache(root: string, version: string): void {
  const folder = join(root, `programs-${kindOfMachine(version)}`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const file of programsOf(folder)) if (!isSealed(file)) remove(file);
    const kept = programsOf(folder).map((file) => ({ file, ...statSync(file) }));
    let bytes = 0;
    for (const { file, size } of kept.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
      bytes += size;
      if (bytes > MOST_BYTES) remove(file);
    }
  } catch {
    return; // a folder that cannot be written to: programs are compiled anew
  }
  opened = folder;
  process.env.TF_XLA_FLAGS = `${process.env.TF_XLA_FLAGS ?? ''} --tf_xla_persistent_cache_directory=${folder}`.trim();
  // XLA names the processor's features as an error each time that it loads a program: tuning hints are no features.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
}

/** Marks what was compiled since as whole. */
export function sealPrograms(): void {
  if (!opened) return;
  for (const file of programsOf(opened)) {
    if (existsSync(file + SEAL)) continue;
    const temporary = `${file}${SEAL}.${process.pid}`;
    writeFileSync(temporary, digestOf(file));
    renameSync(temporary, file + SEAL);
  }
}

function remove(program: string): void {
  for (const file of [program, program + SEAL]) rmSync(file, { force: true });
}

/** The files of programs that are written whole, or nearly. */
const programsOf = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.pb'))
    .map((name) => join(folder, name));

const digestOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

function isSealed(program: string): boolean {
  try {
    return readFileSync(program + SEAL, 'utf8') === digestOf(program);
  } catch {
    return false;
  }
}

/** What machine code depends on: the compiler, and what the processor can do. */
function kindOfMachine(version: string): string {
  const features = existsSync('/proc/cpuinfo') ? /^flags.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] : null;
  const kind = [version, arch(), cpus()[0]?.model, cpus().length, features];
  return createHash('sha256').update(JSON.stringify(kind)).digest('hex').slice(0, 12);
}
