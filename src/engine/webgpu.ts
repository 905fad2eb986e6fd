import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs-core';
import type { EngineKind } from './engine.js';
import { reportFault } from './faults.js';
import { castByComputing } from './webgpu-cast.js';

/** Packages that bring the engine: over 100 MB, so whoever wants it installs them. */
const PACKAGES = { webgpu: '0.6', '@tensorflow/tfjs-backend-webgpu': '4.22.0' };
/** The command that installs them. */
export const INSTALL_WEBGPU = `npm install ${Object.entries(PACKAGES)
  .map(([name, version]) => `${name}@${version}`)
  .join(' ')}`;

/** What this file uses of WebGPU, and of the backend. */
interface Adapter {
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  readonly info: AdapterInfo;
  requestDevice(asked: object): Promise<Device>;
}
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
}
interface Device {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: Error }) => void): void;
}
interface Dawn {
  readonly globals: object;
  create(flags: readonly string[]): { requestAdapter(asked: object): Promise<Adapter | null> };
}
interface Backend {
  readonly WebGPUBackend: new (device: Device, info: AdapterInfo) => never;
}

/** Limits that are asked for as large as the adapter has them: tfjs's kernels are written for these. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

/** Opened once a process: a device is not given back. */
let opened: ReturnType<typeof openDevice> | null = null;

/**
 * tfjs's WebGPU backend over Dawn: any GPU with Vulkan, Metal or Direct3D 12, op by op. What it is asked for is read asynchronously
 * alone, and what goes wrong on the GPU is told later than where it was asked for: see faults.ts.
 */
export const webgpu: EngineKind = {
  name: 'webgpu',

  missing() {
    const { resolve } = createRequire(import.meta.url);
    for (const name of Object.keys(PACKAGES)) {
      try {
        resolve(name);
      } catch {
        return `the package ${name} is not installed`;
      }
    }
    return null;
  },

  async open() {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-layers'); // registers the gradients, which the core's own Node bundle leaves out
    opened ??= openDevice(tf);
    const about = await opened;
    if (!(await tf.setBackend('webgpu'))) throw new Error('the webgpu backend does not start');
    return { name: 'webgpu', ...about, memory: null, products: 'fp32' };
  },
};

async function openDevice(tf: typeof tfjs) {
  const require = createRequire(import.meta.url);
  const { create, globals } = (await import(/* @vite-ignore */ require.resolve('webgpu'))) as Dawn;
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('no GPU adapter was found: a driver of Vulkan, Metal or Direct3D 12 is needed');
  const { info, limits, features } = adapter;
  const name = [info.device, info.description, info.vendor].find(Boolean) ?? 'an adapter without a name';
  if (info.isFallbackAdapter && process.env.MM1_WEBGPU !== 'software') {
    throw new Error(
      `the only adapter is software (${name}), slower than wasm; MM1_WEBGPU=software takes it all the same, to test`,
    );
  }
  const device = await adapter.requestDevice({
    requiredFeatures: ['timestamp-query'].filter((feature) => features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, limits[limit]])),
  });
  device.addEventListener('uncapturederror', ({ error }) =>
    reportFault(error.constructor.name === 'GPUOutOfMemoryError' ? 'E_MEMORY' : 'E_GPU', error.message),
  );
  void device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') reportFault('E_GPU', `the GPU was lost: ${message}`);
  });
  const { WebGPUBackend } = require('@tensorflow/tfjs-backend-webgpu') as Backend; // before it sees a GPU, so that it opens none itself
  const world = globalThis as { navigator?: object };
  world.navigator ??= {}; // Node 20 has none
  Object.defineProperty(world.navigator, 'gpu', { value: gpu, configurable: true });
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, info));
  castByComputing(tf);
  const { version } = require('@tensorflow/tfjs-backend-webgpu/package.json') as { version: string };
  return { version, device: name, gpu: !info.isFallbackAdapter };
}
