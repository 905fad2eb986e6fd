import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { assertSound } from '../../src/engine/faults.js';
import { openEngine } from '../../src/engine/index.js';
import { webgpu } from '../../src/engine/webgpu.js';

const missing =
  webgpu.missing() ??
  (await openEngine('webgpu').then(
    () => null,
    (error: Error) => error.message,
  ));

// In a file of its own, for a process that has seen a fault computes nothing more.
it.skipIf(missing !== null)(
  `a tensor that is too large gives a wrong number, and the stage that asked is told (skipped: ${missing})`,
  async () => {
    assertSound();
    const sum = tf.sum(tf.mul(tf.fill([2_000_000_000], 1), 2)); // 8 GB, which no adapter has in one buffer
    expect(Array.from(await sum.data())).not.toEqual([4e9]);
    await expect
      .poll(() => {
        try {
          assertSound();
          return null;
        } catch (error) {
          return (error as { code: string }).code;
        }
      })
      .toMatch(/^E_(GPU|MEMORY)$/);
  },
);
