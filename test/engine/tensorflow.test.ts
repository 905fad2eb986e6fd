import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tensorflow, withoutInformation } from '../../src/engine/tensorflow/index.js';
import { buildPackage } from '../built-package.js';

test("TensorFlow's information goes, and its warnings and errors stay", () => {
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n',
    'I0000 00:00:1795370840.231857    6723 port.cc:153] oneDNN custom operations are on. You may see ...\n',
    'W0000 00:00:1795370840.231857    6723 gpu_device.cc:2431] Cannot dlopen some GPU libraries.\n',
    'E0000 00:00:1795370840.231857    6723 cuda_dnn.cc:1] Loaded runtime CuDNN library is too old\n',
    'Illegal instruction',
  ];
  expect(withoutInformation(log.join(''))).toBe(log.slice(2).join(''));
});

const missing = tensorflow.missing();
test.skipIf(missing !== null)(
  `it opens and computes without a word (skipped where it is not installed: ${missing})`,
  () => {
    const root = buildPackage('real').root;
    try {
      const script = `
      import * as tf from '@tensorflow/tfjs-core';
      import { openEngine } from ${JSON.stringify(join(root, 'dist/engine/index.js'))};
      await openEngine('wasm');
      await openEngine('tensorflow');
      console.log(tf.getBackend(), ...tf.matMul(tf.ones([2, 3]), tf.ones([3, 1])).dataSync());
      console.error('standard error is back');`;
      const answer = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(answer).toMatchObject({ status: 0, stdout: 'tensorflow 3 3\n', stderr: 'standard error is back\n' });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
);
