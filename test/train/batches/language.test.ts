import { beforeAll, expect, it } from 'vitest';
import { pack } from '../../../src/data/packing.js';
import { openEngine } from '../../../src/engine/index.js';
import { tensorsOf } from '../../../src/train/batches/arrays.js';
import { languageArrays } from '../../../src/train/batches/language.js';

beforeAll(async () => {
  await openEngine();
});

it('packed sequences become tensors, each by its name and in its shape', () => {
  const example = (...tokens: number[]) => [
    { tokens: tokens.slice(0, 1), counted: false },
    { tokens: tokens.slice(1), counted: true },
  ];
  const packed = pack(
    [
      { groups: [{ shared: [{ image: 'a' }], examples: [example(3, 4), example(5, 6, 7)] }] },
      { groups: [1, 2].map((id) => ({ shared: [], examples: [example(id, 8)] })) },
    ],
    { text: 6, images: 2, slots: 3 },
    9,
  );
  const { sequences, length, images, ...arrays } = packed;
  const batch = tensorsOf(languageArrays(packed));
  expect(Object.keys(batch).sort()).toEqual(Object.keys(arrays).sort());
  for (const [name, values] of Object.entries(arrays)) {
    const tensor = batch[name as keyof typeof arrays];
    expect(tensor.dataSync(), name).toEqual(values);
    expect(tensor.dtype, name).toBe(name === 'counted' ? 'float32' : 'int32');
    const square = ['groups', 'segments', 'positions'].includes(name);
    expect(tensor.shape, name).toEqual(square ? [sequences, length] : [values.length]);
  }
  expect([sequences, length, images]).toEqual([2, 12, ['a', null, null, null]]);
});
