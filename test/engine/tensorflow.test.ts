import { expect, test } from 'vitest';
import { withoutInformation } from '../../src/engine/tensorflow.js';

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
