import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const NATIVE = '@tensorflow/tfjs-node-gpu';

/**
 * A package in a temporary folder with all that the install script needs: its own copy of tfjs-node-gpu as npm leaves it, without
 * a binding, and links to everything else.
 * @returns its root
 */
export function copyPackage(): string {
  const root = mkdtempSync(join(tmpdir(), 'mm1-install-'));
  copyFileSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  cpSync(join(ROOT, 'scripts'), join(root, 'scripts'), { recursive: true });
  const modules = join(root, 'node_modules');
  mkdirSync(join(modules, '@tensorflow'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@tensorflow') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(ROOT, 'node_modules/@tensorflow'))) {
    if (`@tensorflow/${name}` !== NATIVE)
      symlinkSync(join(ROOT, 'node_modules/@tensorflow', name), join(modules, '@tensorflow', name));
  }
  const lib = join(ROOT, 'node_modules', NATIVE, 'lib');
  cpSync(join(ROOT, 'node_modules', NATIVE), join(modules, NATIVE), {
    recursive: true,
    filter: (path) => path !== lib,
  });
  return root;
}

/** Gives a package the libraries of this checkout: hard links where the disk allows, since they are 850 MB. */
export function linkLibraries(root: string): void {
  const name = 'tensorflow-2.21.0-cpu';
  for (const entry of readdirSync(join(ROOT, '.engine', name), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const to = join(root, from.slice(ROOT.length));
    mkdirSync(dirname(to), { recursive: true });
    try {
      linkSync(from, to);
    } catch {
      copyFileSync(from, to);
    }
  }
}

/**
 * Writes a wheel that pip takes for TensorFlow's into a folder.
 * @param megabytes size of each of its two libraries, which hold zeros
 */
export function makeWheel(folder: string, megabytes: number): void {
  const script = `
import sys, zipfile
folder, megabytes = sys.argv[1], int(sys.argv[2])
info = "tensorflow_cpu-2.21.0.dist-info/"
with zipfile.ZipFile(folder + "/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
    for name in "cc", "framework":
        with wheel.open(f"tensorflow/libtensorflow_{name}.so.2", "w", force_zip64=True) as library:
            for _ in range(megabytes): library.write(bytes(1 << 20))
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tensorflow-cpu\\nVersion: 2.21.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: cp311-cp311-manylinux_2_27_x86_64\\n")
    wheel.writestr(info + "RECORD", "")
`;
  execFileSync('python3', ['-c', script, folder, String(megabytes)]);
}

/** Writes a program that answers as NVIDIA's nvidia-smi does: one GPU, and its driver. @returns the folder to put before the PATH */
export function makeNvidiaSmi(driver: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-smi-'));
  const script = `#!/bin/sh\ncase "$1" in -L) echo 'GPU 0: Tesla K80 (UUID: GPU-1)';; *) echo '${driver}';; esac\n`;
  writeFileSync(join(folder, 'nvidia-smi'), script, { mode: 0o755 });
  return folder;
}

/** A folder of links to programs, to be the whole PATH. */
export function makePath(programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-path-'));
  for (const program of programs) {
    // Version managers put scripts in front of Python, which would need more of the PATH than is left.
    const [command, ...args] =
      program === 'python3' ? [program, '-c', 'import sys; print(sys.executable)'] : ['which', program];
    symlinkSync(execFileSync(command!, args, { encoding: 'utf8' }).trim(), join(folder, program));
  }
  return folder;
}

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the install script of a package. pip sees no index and no configuration but what `env` says.
 * @param kill a signal to send as soon as a file of this name is somewhere in the store
 */
export function install(
  root: string,
  env: NodeJS.ProcessEnv = {},
  kill?: { at: string; with: NodeJS.Signals },
  args: readonly string[] = [],
): Promise<Ending> {
  const options: SpawnOptions = {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PIP_CONFIG_FILE: '/dev/null',
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: root,
      MM1_SKIP_ENGINE: '',
      ...env,
    },
  };
  const child = spawn(process.execPath, [join(root, 'scripts/install-engine.mjs'), ...args], options);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const store = join(root, '.engine');
  const watch = setInterval(() => {
    if (!kill || !existsSync(store)) return;
    try {
      const paths = readdirSync(store, { recursive: true });
      if (paths.some((path) => basename(String(path)) === kill.at)) child.kill(kill.with);
    } catch (error) {
      // A folder may go while it is read.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }, 5);
  return new Promise((done) => {
    child.on('close', (status, signal) => {
      clearInterval(watch);
      done({ status, signal, stdout, stderr });
    });
  });
}
