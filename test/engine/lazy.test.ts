import { expect, test } from 'vitest';
import { chooseEngine } from '../../src/engine/index.js';

test('importing the engine and choosing one loads none', () => {
  chooseEngine();
  // tfjs keeps its one registry for all copies under these names.
  expect(Object.keys(globalThis).filter((name) => name.startsWith('_tf'))).toEqual([]);
});
