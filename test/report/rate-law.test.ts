import { describe, expect, it } from 'vitest';
import { readRun } from '../../src/report/observations.js';
import { rateSection } from '../../src/report/rate-section.js';
import { summarise } from '../../src/report/results.js';
import { Store } from '../../src/store/store.js';
import { newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

/** What a training says of what it drew. */
const DRAWN = Object.fromEntries(
  ['sequences asked', 'sequences drawn', 'text tokens drawn', 'pictures drawn'].map((what) => [what, { caption: 1 }]),
);

/** A run whose scores fall with the distance in ln rate from a size's best rate. */
function reportOf(rates: readonly number[], bestOf: (parameters: number, seed: number) => number) {
  const sizes = { smoke: 1e6, nano: 1e7, micro: 1e8 };
  const axes = [
    { path: 'language_model.size', values: Object.keys(sizes) },
    { path: 'training.learning_rate', values: rates },
  ];
  const store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun(planOf(axes, [0, 1, 2], ['emoji-caption']), PROVENANCE);
  const variants = new Map(store.variants(id).map((variant) => [variant.id, variant.settings]));
  for (const [i, trial] of store.trials(id).entries()) {
    const settings = variants.get(trial.variantId)!;
    const parameters = sizes[settings['language_model.size'] as keyof typeof sizes];
    const rate = settings['training.learning_rate'] as number;
    const key = `training ${i}`;
    store.recordStage({
      ...{
        runId: id,
        key,
        kind: 'pretrain',
        title: key,
        status: 'done',
        cached: false,
        bytes: 1,
        error: null,
        errorCode: null,
      },
      ...{ seconds: 1, attempts: 1, log: '' },
      summary: { ...DRAWN, 'parameters without embeddings': parameters, 'learning rate': rate },
    });
    const value = 60 - 4 * (Math.log(rate) - Math.log(bestOf(parameters, trial.seed))) ** 2;
    const { score, items } = rowsOf('emoji-caption', 'asked', [value, value + 1, value - 1]);
    store.finishTrial(trial.id, 1, [score], items, { stages: [key] });
  }
  const report = summarise(readRun(store, id));
  store.close();
  return report;
}

const RATES = [3e-4, 6e-4, 1.2e-3, 2.4e-3, 4.8e-3];

describe('the law of learning rates', () => {
  it('finds the line that the best rates lie on, between those that were tried', () => {
    const { rateLaw } = reportOf(RATES, (parameters) => Math.exp(-0.2 * Math.log(parameters) - 3.4));
    expect(rateLaw!.slope.mean).toBeCloseTo(-0.2, 6);
    expect(rateLaw!.intercept.mean).toBeCloseTo(-3.4, 5);
    expect(rateLaw!.slope.n).toBe(3);
    expect(rateLaw!.sizes.map(({ parameters, atEdge }) => [parameters, atEdge])).toEqual([
      [1e6, 0],
      [1e7, 0],
      [1e8, 0],
    ]);
    expect(rateLaw!.sizes[0]!.rate).toBeCloseTo(Math.exp(-0.2 * Math.log(1e6) - 3.4), 9);
    expect(rateLaw!.sizes[1]!.paper).toBeCloseTo(Math.exp(-0.4214 * Math.log(1e7) - 0.5535), 9);
  });

  it('has the interval of the seeds', () => {
    const { rateLaw } = reportOf(RATES, (parameters, seed) =>
      Math.exp((-0.2 + 0.01 * (seed - 1)) * Math.log(parameters) - 3.4),
    );
    expect(rateLaw!.slope.mean).toBeCloseTo(-0.2, 6);
    // Student's t of two degrees of freedom, 4.303, times 0.01 over the root of 3.
    expect(rateLaw!.slope.high! - rateLaw!.slope.mean).toBeCloseTo((4.302653 * 0.01) / Math.sqrt(3), 6);
  });

  it('says where the best rate is the last one that was tried', () => {
    const report = reportOf(RATES, (parameters) => (parameters < 1e7 ? 0.1 : 1e-3));
    expect(report.rateLaw!.sizes.map(({ atEdge }) => atEdge)).toEqual([3, 0, 0]);
    expect(report.rateLaw!.sizes[0]!.rate).toBeCloseTo(4.8e-3, 9);
    const [section] = rateSection(report);
    expect(section!.tables![0]!.rows.map((row) => row.at(-1))).toEqual(['3 of 3 seeds', '', '']);
    expect(section!.after![0]).toContain('a better one may lie beyond');
    expect(section!.after![0]).toContain("MM1's are -0.4214 and -0.5535");
  });

  it('needs three rates at each size', () => {
    const report = reportOf(RATES.slice(0, 2), () => 1e-3);
    expect(report.rateLaw).toBeNull();
    expect(rateSection(report)).toEqual([]);
  });
});
