import { afterEach, describe, expect, it } from 'vitest';
import { parseGpus, productsOf, visibleAmong } from '../../src/engine/gpus.js';

const LISTED = `GPU-1b7c0f5e-0000-0000-0000-000000000001, NVIDIA H200, 143771, 512, 570.86.15, 9.0
GPU-2a7c0f5e-0000-0000-0000-000000000002, NVIDIA H200, 143771, 0, 570.86.15, 9.0
GPU-3c7c0f5e-0000-0000-0000-000000000003, Tesla V100-SXM2-16GB, 16384, 3, 570.86.15, 7.0
`;
const gpus = parseGpus(LISTED);
const places = (visible: string | undefined) => visibleAmong(gpus, visible).map((gpu) => gpus.indexOf(gpu));

describe('what nvidia-smi lists', () => {
  it('a line each, memory in bytes', () => {
    expect(gpus).toHaveLength(3);
    expect(gpus[0]).toEqual({
      uuid: 'GPU-1b7c0f5e-0000-0000-0000-000000000001',
      name: 'NVIDIA H200',
      memory: 143771 * 2 ** 20,
      used: 512 * 2 ** 20,
      driver: '570.86.15',
      capability: 9,
    });
  });

  it('a sentence in place of a list is no GPU', () => {
    expect(parseGpus('No devices were found\n')).toEqual([]);
    expect(parseGpus("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n")).toEqual([]);
  });
});

describe('CUDA_VISIBLE_DEVICES', () => {
  it.each<[string | undefined, number[]]>([
    [undefined, [0, 1, 2]],
    ['', []],
    ['-1', []],
    ['2,0', [2, 0]],
    [' 1 ', [1]],
    ['GPU-3c7c', [2]],
    ['GPU-2a7c0f5e-0000-0000-0000-000000000002,0', [1, 0]],
    ['0,7,1', [0]], // what stands behind a name that is none does not count
    ['0,-1,1', [0]],
  ])('%s', (visible, expected) => {
    expect(places(visible)).toEqual(expected);
  });
});

describe('matrix products of float32', () => {
  const before = process.env.NVIDIA_TF32_OVERRIDE;
  afterEach(() => {
    if (before === undefined) delete process.env.NVIDIA_TF32_OVERRIDE;
    else process.env.NVIDIA_TF32_OVERRIDE = before;
  });

  it('are rounded to TF32 since Ampere, unless that is forbidden', () => {
    delete process.env.NVIDIA_TF32_OVERRIDE;
    expect([7.5, 8, 8.6, 9, 12].map((capability) => productsOf({ capability }))).toEqual([
      'fp32',
      'tf32',
      'tf32',
      'tf32',
      'tf32',
    ]);
    process.env.NVIDIA_TF32_OVERRIDE = '0';
    expect(productsOf({ capability: 9 })).toBe('fp32');
  });
});
