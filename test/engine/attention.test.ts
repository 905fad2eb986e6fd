import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/engine/compile.js';
import { openEngine } from '../../src/engine/index.js';
import { withoutLayers } from '../../src/engine/tensorflow/layers.js';
import { attend, causalMask } from '../../src/model/layers/index.js';
import { addedMask, isPacked } from '../../src/model/layers/mask.js';
import { cases, expectClose, inputsOf, masks, normal, type Results, type Sizes } from './attention-cases.js';

const engine = await openEngine();

describe.runIf(engine.name === 'tensorflow')('the kernel of whole attention', () => {
  const results = (mask: string, sizes: Sizes): Results => {
    const added = masks[mask]!(sizes);
    const layer = (...[q, k, v]: tf.Tensor[]) =>
      attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, added) as tf.Tensor;
    const [q, k, v, dy] = inputsOf(sizes);
    return [layer(q, k, v), ...tf.grads(layer)([q, k, v], dy)].map((tensor) => Float32Array.from(tensor.dataSync()));
  };

  it.each(cases)('gives what several ops give, and its gradients: mask %s, %j', (mask, sizes) => {
    for (const name of ['Attention', 'PackedAttention']) expect(tf.getKernel(name, 'tensorflow')).toBeDefined();
    expectClose(
      results(mask, sizes),
      withoutLayers(tf, () => results(mask, sizes)),
    );
  });

  it('gives what a mask of the same sequences gives, to the last bit', () => {
    const sizes: Sizes = [4, 4, 300, 300, 32];
    const packed = masks['of packed sequences']!(sizes);
    const added = addedMask(packed!);
    const [q, k, v, dy] = inputsOf(sizes);
    const both = [packed, added].map((mask) => {
      const layer = (...[a, b, c]: tf.Tensor[]) => attend(a as tf.Tensor4D, b as tf.Tensor4D, c as tf.Tensor4D, mask);
      const tensors = [layer(q, k, v), ...tf.grads(layer as (...x: tf.Tensor[]) => tf.Tensor)([q, k, v], dy)];
      return tensors.map((tensor) => Buffer.from(tensor.dataSync().slice().buffer).toString('hex'));
    });
    expect(both[0]).toEqual(both[1]);
  });

  describe('with as many lanes as other processors have', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mm1-lanes-'));
    const program = join(folder, 'lanes');
    beforeAll(() => {
      const compiler = process.env.CXX ?? 'c++';
      const source = join(import.meta.dirname, 'lanes.cc');
      execFileSync(compiler, ['-std=c++17', '-O2', '-o', program, source], { stdio: 'pipe' });
    }, 120_000);
    afterAll(() => rmSync(folder, { recursive: true }));

    /** What the kernel's source gives with this many lanes, or undefined where the processor has not as many. */
    const taken = (lanes: number, mask: string, sizes: Sizes): Results | undefined => {
      const inputs = inputsOf(sizes);
      const [batch, heads, queries, keys, head] = sizes;
      const added = masks[mask]!(sizes) ?? tf.zeros([1, 1, 1, 1]);
      const packed = isPacked(added);
      const shape = packed ? [1, 1, 1, 1] : [1, 1, 1, 1, ...added.shape].slice(-4);
      const strides = [...tf.util.computeStrides(shape), 1].map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
      const seen = packed ? [added.groups, added.segments] : [added];
      const input = Buffer.concat([
        new Uint8Array(BigInt64Array.from([...sizes, ...strides, packed ? 0 : added.size], BigInt).buffer),
        ...[...inputs, ...seen].map((tensor) => Buffer.from(tensor.dataSync().slice().buffer)),
      ]);
      const { status, stdout } = spawnSync(program, [String(lanes)], { input, maxBuffer: 1e9 });
      if (status === 3) return undefined;
      expect(status).toBe(0);
      const numbers = new Float32Array(new Uint8Array(stdout).buffer);
      const counts = [queries, queries, keys, keys].map((length) => batch * heads * length * head);
      const ends = counts.map((_, i) => counts.slice(0, i + 1).reduce((sum, count) => sum + count));
      expect(numbers).toHaveLength(ends.at(-1)!);
      return counts.map((count, i) => numbers.slice(ends[i]! - count, ends[i]));
    };

    describe.each([16, 8, 4])('%i', (lanes) => {
      it.for(cases)('gives what several ops give, and its gradients: mask %s, %j', ([mask, sizes], { skip }) => {
        const found = taken(lanes, mask, sizes);
        if (!found) return skip();
        expectClose(
          found,
          withoutLayers(tf, () => results(mask, sizes)),
        );
      });
    });
  });

  it('comes to the same to the last bit each time', () => {
    const bits = () =>
      results('packed', [4, 4, 300, 300, 32]).map((values) => Buffer.from(values.buffer).toString('hex'));
    expect(bits()).toEqual(bits());
  });

  it('leaves nothing behind', () => {
    const q = normal('q', [1, 2, 8, 4]);
    for (const mask of [undefined, causalMask(8)]) {
      const before = tf.memory().numTensors;
      attend(q, q, q, mask).dispose();
      tf.dispose(tf.grads((x) => attend(x as tf.Tensor4D, q, q, mask) as tf.Tensor)([q]));
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('hands a number on that is none', () => {
    const q = normal('q', [1, 1, 8, 4]);
    const values = Float32Array.from(q.dataSync(), (x, i) => (i === 5 ? Number.NaN : x));
    const spoiled = tf.tensor4d(values, [1, 1, 8, 4]);
    const y = attend(spoiled, q, q).dataSync();
    expect([...y.slice(4, 8)].every(Number.isNaN)).toBe(true);
    expect([...y.slice(0, 4)].every(Number.isFinite)).toBe(true);
  });

  it('is part of a recorded step', async () => {
    const inputs = ['q', 'k', 'v'].map((name) => normal(name, [2, 2, 40, 16])) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const step = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, causalMask(40));
    const expected = await step(...inputs).data();
    const compiled = compile('attention', (given: { q: tf.Tensor; k: tf.Tensor; v: tf.Tensor }) => ({
      y: step(given.q, given.k, given.v),
    }));
    const { y } = compiled({ q: inputs[0], k: inputs[1], v: inputs[2] });
    expect([...(await y.data())]).toEqual([...expected]);
  });
});
