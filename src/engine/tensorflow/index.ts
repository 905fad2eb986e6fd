import { createRequire } from 'node:module';
import { compileMode } from '../compile-mode.js';
import { processor } from '../device.js';
import type { Engine, EngineKind } from '../engine.js';
import { type Gpu, productsOf, visibleGpus } from '../gpus.js';
import { readInstallation } from '../installation.js';
import { openProgramCache } from './program-cache.js';

/** Kernels are replaced once a process. */
let prepared = false;

/** What this file uses of tfjs-node's backend object. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** The module compiled from scripts/engine/quiet.cc. */
interface Quiet {
  hold(): void;
  release(): string;
}

/**
 * What tfjs warns of when a second copy of tfjs-core loads, as it does where tfjs-node brings its own: both share one registry, so nothing is amiss.
 */
const SECOND_COPY = /^Platform node has already been set|backend was already registered|^Overriding the gradient for/;

/** Native TensorFlow under tfjs-node's binding, as scripts/install-engine.mjs has put it there. */
export const tensorflow: EngineKind = {
  name: 'tensorflow',

  missing() {
    const found = readInstallation();
    return 'reason' in found ? found.reason : null;
  },

  async open(programs) {
    const found = readInstallation();
    if ('reason' in found) throw new Error(found.reason);
    if (programs && compileMode(found.build === 'cuda' ? 'gpu' : 'cpu') === 'xla')
      openProgramCache(programs, found.version);
    const tf = await import('@tensorflow/tfjs-core');
    const require = createRequire(import.meta.url);
    // Errors only: information and warnings are about TensorFlow's own build and would tear the progress bars.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    // Memory of a GPU is taken as it is needed, and not all at once: others may compute there.
    process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
    restoreUtilities(require('node:util') as Record<string, unknown>);
    const quiet = require(found.quietModule) as Quiet;
    const { warn } = console;
    console.warn = (...message: unknown[]) => {
      if (!SECOND_COPY.test(String(message[0]))) warn(...message);
    };
    quiet.hold();
    try {
      require(found.packageFolder);
    } finally {
      process.stderr.write(withoutInformation(quiet.release()));
      console.warn = warn;
    }
    if (!(await tf.setBackend('tensorflow'))) throw new Error('the tensorflow backend does not start');
    const [{ gatherOnDevice }, { registerLayers }] = await Promise.all([import('./gather.js'), import('./layers.js')]); // they load tfjs
    const backend = tf.backend() as unknown as NodeBackend;
    if (!prepared) {
      gatherOnDevice(tf);
      if (!backend.isUsingGpuDevice) registerLayers(tf);
    }
    prepared = true;
    const about = backend.isUsingGpuDevice ? described(visibleGpus()[0]) : processor();
    return { name: 'tensorflow', version: backend.binding.TF_Version, ...about };
  },
};

const described = (gpu: Gpu | undefined): Pick<Engine, 'device' | 'gpu' | 'memory' | 'products'> => ({
  device: gpu?.name ?? 'a GPU that nvidia-smi does not list',
  gpu: true,
  memory: gpu?.memory ?? null,
  products: gpu ? productsOf(gpu) : 'tf32',
});

/** Node 23 dropped two functions that tfjs-node 4.22 calls. */
function restoreUtilities(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/**
 * Takes lines of information out of TensorFlow's log; warnings, errors and anything else stay.
 * A line of information starts with `I` and the date, as in `I0000 00:00:1795370840.231857 6723 port.cc:153] ...`.
 */
export function withoutInformation(log: string): string {
  return log
    .split(/(?<=\n)/)
    .filter((line) => !/^I\d{4} |^WARNING: All log messages before absl::InitializeLog\(\)/.test(line))
    .join('');
}
