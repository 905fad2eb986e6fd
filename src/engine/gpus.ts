import { execFileSync } from 'node:child_process';

/** A GPU of NVIDIA's. */
export interface Gpu {
  /** By this CUDA is told to use it: numbers would not do, for CUDA and nvidia-smi count in different orders. */
  readonly uuid: string;
  readonly name: string;
  /** Bytes of its memory, and of what is in use, by whomever. */
  readonly memory: number;
  readonly used: number;
  readonly driver: string;
  /** Compute capability: 8.0 is Ampere. */
  readonly capability: number;
}

const FIELDS = ['uuid', 'name', 'memory.total', 'memory.used', 'driver_version', 'compute_cap'];
const MEBIBYTE = 2 ** 20;

/**
 * The GPUs that this process may use, in the order that CUDA counts them: those that CUDA_VISIBLE_DEVICES names where it is set, as a
 * cluster's scheduler does, else all that nvidia-smi lists. None where there is no driver.
 */
export function visibleGpus(): Gpu[] {
  try {
    const text = execFileSync('nvidia-smi', [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    return visibleAmong(parseGpus(text), process.env.CUDA_VISIBLE_DEVICES);
  } catch {
    return [];
  }
}

/** GPUs as nvidia-smi lists them: a line each, its fields apart by commas. */
export function parseGpus(text: string): Gpu[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter((fields) => fields.length === FIELDS.length && fields[0]!.startsWith('GPU-'))
    .map(([uuid, name, memory, used, driver, capability]) => ({
      uuid: uuid!,
      name: name!,
      memory: Number(memory) * MEBIBYTE,
      used: Number(used) * MEBIBYTE,
      driver: driver!,
      capability: Number(capability),
    }));
}

/**
 * Those that CUDA_VISIBLE_DEVICES names, by number or by the beginning of a UUID, in its order. Like CUDA, it looks no further than the
 * first name that is none. Numbers are taken in nvidia-smi's order, which is CUDA's own where CUDA_DEVICE_ORDER is PCI_BUS_ID, or
 * all GPUs are of one kind.
 * @param visible as the variable stands; undefined where it is not set
 */
export function visibleAmong(gpus: readonly Gpu[], visible: string | undefined): Gpu[] {
  if (visible === undefined) return [...gpus];
  const named: Gpu[] = [];
  for (const name of visible.split(',').map((part) => part.trim())) {
    const found = /^\d+$/.test(name)
      ? gpus[Number(name)]
      : gpus.find(({ uuid }) => name !== '' && uuid.startsWith(name));
    if (!found) break;
    named.push(found);
  }
  return named;
}

/** First compute capability whose matrix products of float32 are taken in TF32. */
const AMPERE = 8;

/** How TensorFlow takes matrix products of float32 on a GPU: since Ampere with factors of 10 bits, unless NVIDIA_TF32_OVERRIDE is 0. */
export const productsOf = ({ capability }: Pick<Gpu, 'capability'>): 'fp32' | 'tf32' =>
  capability >= AMPERE && process.env.NVIDIA_TF32_OVERRIDE !== '0' ? 'tf32' : 'fp32';
