import { describe, expect, it } from 'vitest';
import { random } from '../../src/random.js';
import { compareRuns, type RunDifference } from '../../src/report/compare-runs.js';
import { comparisonSections } from '../../src/report/compare-sections.js';
import { readRun } from '../../src/report/observations.js';
import { sectionText } from '../../src/report/section.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

const TOKENS = (...values: number[]) => [{ path: 'connector.tokens', values }];

/** Two runs of one store: what each trial answers. */
function compared(
  first: { tokens: number[]; seeds: number[]; answer: (variant: number, seed: number) => number[] },
  second: typeof first,
) {
  const store = Store.open(newRunsFolder().file);
  const ids = [first, second].map(({ tokens, seeds, answer }) => {
    const plan = planOf(TOKENS(...tokens), seeds, ['emoji-question']);
    const variants = plan.variants.map((each, i) => ({ ...each, key: `tokens-${tokens[i]}` }));
    const { id } = store.beginRun({ ...plan, variants }, PROVENANCE);
    finishTrials(
      store,
      id,
      tokens.flatMap((_, variant) => seeds.map((seed) => [rowsOf('emoji-question', 'asked', answer(variant, seed))])),
    );
    return id;
  });
  const result = compareRuns(ids.map((id) => readRun(store, id)));
  store.close();
  return { ids, ...result };
}

const noisy =
  (name: string, by = 0) =>
  (variant: number, seed: number) => {
    const draw = random(seed, `${name} ${variant}`);
    return Array.from({ length: 50 }, (_, i) => 40 + by + 8 * Math.sin(i) + draw.normal());
  };
const verdicts = (differences: readonly RunDifference[]) =>
  differences.map(({ settings, verdict }) => [settings, verdict]);

describe('two runs of one variant', () => {
  it('are identical where every answer is', () => {
    const run = { tokens: [64, 144], seeds: [0, 1, 2], answer: noisy('a') };
    const { differences, alone } = compared(run, run);
    expect(verdicts(differences)).toEqual([
      ['connector.tokens 64', 'identical'],
      ['connector.tokens 144', 'identical'],
    ]);
    expect(alone).toEqual({});
  });

  it('are the same within noise, or different, by the interval', () => {
    const first = { tokens: [64], seeds: [0, 1, 2], answer: noisy('a') };
    expect(verdicts(compared(first, { ...first, answer: noisy('b') }).differences)[0]![1]).toBe(
      'the same within noise',
    );
    const { differences } = compared(first, { ...first, answer: noisy('b', 3) });
    expect(differences[0]).toMatchObject({ verdict: 'different', seeds: [3, 3] });
    expect(differences[0]!.comparison!.difference).toBeCloseTo(3, 0);
  });

  it('of other seeds are compared as independent trainings', () => {
    const first = { tokens: [64], seeds: [0, 1, 2], answer: noisy('a') };
    const { differences } = compared(first, { ...first, seeds: [3, 4, 5, 6], answer: noisy('a', 3) });
    expect(differences[0]).toMatchObject({ verdict: 'different', seeds: [3, 4] });
  });

  it('tell what only one of them has', () => {
    const answer = noisy('a');
    const { ids, differences, alone } = compared(
      { tokens: [64, 16], seeds: [0], answer },
      { tokens: [64, 144], seeds: [0], answer },
    );
    expect(differences).toHaveLength(1);
    expect(alone).toEqual({ [ids[0]!]: ['connector.tokens 16'], [ids[1]!]: ['connector.tokens 144'] });
    const text = comparisonSections({ differences, alone })
      .map((section) => sectionText(section, { width: 80, heading: (title) => `## ${title}` }))
      .join('\n');
    expect(text).toContain('## emoji-question (VQA accuracy), 0-shot');
    expect(text).toContain(`## Only in ${ids[1]}\n-  connector.tokens 144`);
    expect(text).toMatch(/connector\.tokens 64 +\d\d\.\d \(1\) +\d\d\.\d \(1\) .* identical/);
  });
});
