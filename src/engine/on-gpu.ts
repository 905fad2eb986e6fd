import * as tf from '@tensorflow/tfjs-core';
import { nodeBackend } from './tensorflow/backend.js';

/** Whether the open engine computes on a GPU, which goes on by itself until something is read from it. */
export const isOnGpu = (): boolean =>
  tf.getBackend() === 'webgpu' || (tf.getBackend() === 'tensorflow' && nodeBackend().isUsingGpuDevice);
