import { expect, it } from 'vitest';
import { batchesHere } from '../../../src/train/batches/batches.js';

it('there are no more than the training has steps, and none before it begins', async () => {
  const made: string[] = [];
  const batches = batchesHere({
    facts: {},
    async make(step, part) {
      made.push(`${step} ${part}`);
      return { arrays: {}, data: null };
    },
    restore: () => void made.push('restored'),
    close: async () => {},
  });
  await expect(batches.next()).rejects.toThrow('no batch to be made');
  batches.begin({ first: 5, steps: 7, parts: 2, data: null });
  for (let i = 0; i < 4; i++) await batches.next();
  await expect(batches.next()).rejects.toThrow('no batch to be made');
  expect(made).toEqual(['5 0', '5 1', '6 0', '6 1']);
});
