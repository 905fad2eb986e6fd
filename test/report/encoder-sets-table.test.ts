import { expect, it } from 'vitest';
import { renderEncoderSets } from '../../src/report/encoder-sets-table.js';
import { widthOf } from '../../src/report/layout.js';

it('lists the sets with their numbers, in at most 99 columns', () => {
  const table = renderEncoderSets((text) => `**${text}**`);
  const cells = table.split('\n').map((line) => line.split(/ {2,}/));
  expect(cells).toContainEqual(['dfn-2b', '2,000 million', '0.4 x encoder.pictures', '0.0%', '5.0%']);
  expect(cells).toContainEqual(['dfn-5b+vecap', '5,300 million', '1 x encoder.pictures', '5.7%', '5.0%']);
  expect(cells).toContainEqual(['imagetext-400m', '400 million', '0.08 x encoder.pictures', '0.0%', '20.0%']);
  expect(widthOf(table)).toBeLessThanOrEqual(99);
  expect(table.replaceAll('\n', ' ')).toContain("their shares are a choice of mm1 and not the paper's");
});
