import { describe, expect, it } from 'vitest';
import { Mm1Error } from '../../src/errors.js';
import { findVariant } from '../../src/report/find-variant.js';
import { Store } from '../../src/store/store.js';
import { newRunsFolder, PROVENANCE, planOf } from './study.js';

const AXES = [
  { path: 'connector.type', values: ['average-pool', 'c-abstractor'] },
  { path: 'connector.tokens', values: [64, 144] },
];

function variantsOf(axes: typeof AXES) {
  const store = Store.open(newRunsFolder().file);
  const variants = store.variants(store.beginRun(planOf(axes, [0], ['emoji-caption']), PROVENANCE).id);
  store.close();
  return variants;
}

describe('a variant', () => {
  const variants = variantsOf(AXES);

  it.each([
    ['its number', '3', 2],
    ['its key', 'variant-3', 3],
    ['its settings', 'connector.type average-pool, connector.tokens 144', 1],
    ['its settings with other blanks', ' connector.type  average-pool,\n connector.tokens 64', 0],
  ])('is found by %s', (_, typed, index) => {
    expect(findVariant(variants, typed).index).toBe(index);
  });

  it.each([
    ['connector.type average-pol, connector.tokens 144', 'mean "connector.type average-pool, connector.tokens 144"?'],
    ['variant-9', 'mean "variant-0"?'],
    ['0', '(1 to 4)'],
    ['5', '(1 to 4)'],
    ['', '(1 to 4)'],
    [undefined, '(1 to 4)'],
  ])('that does not exist, %j, is met with the nearest', (typed, hint) => {
    expect(() => findVariant(variants, typed)).toThrow(
      expect.objectContaining({ constructor: Mm1Error, code: 'E_USAGE', remedy: expect.stringContaining(hint) }),
    );
  });

  it('need not be named where there is one alone', () => {
    const [only] = variantsOf([]);
    expect(findVariant([only!], undefined)).toBe(only);
    expect(findVariant([only!], 'the only variant')).toBe(only);
  });
});
