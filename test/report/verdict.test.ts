import { describe, expect, it } from 'vitest';
import type { Axis } from '../../src/config/plan.js';
import { random } from '../../src/random.js';
import { readRun } from '../../src/report/observations.js';
import { besidePublished } from '../../src/report/published.js';
import type { Report } from '../../src/report/report.js';
import { summarise } from '../../src/report/results.js';
import { mean } from '../../src/report/statistics/descriptive.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

const TYPE: Axis = { path: 'connector.type', values: ['average-pool', 'c-abstractor'] };
const TOKENS: Axis = { path: 'connector.tokens', values: [64, 144] };
const ITEMS = 40;

interface World {
  readonly axes: readonly Axis[];
  readonly seeds: readonly number[];
  /** What a variant scores in truth. */
  readonly truth: (settings: Readonly<Record<string, unknown>>) => number;
  readonly blind?: number;
  /** Of seeds and of items. */
  readonly noise: readonly [number, number];
  readonly margin?: number;
  readonly done?: number;
  /** What a variant scores in truth with four demonstrations, where it is asked so. */
  readonly shown?: World['truth'];
}

/** A run whose truth is known. */
function reportOf({ axes, seeds, truth, blind = 2, noise: [ofSeeds, ofItems], margin, done, shown }: World): Report {
  const store = Store.open(newRunsFolder().file);
  const plan = planOf(axes, seeds, ['emoji-question'], shown ? [0, 4] : [0]);
  const { id } = store.beginRun(plan, PROVENANCE);
  const draw = random(0, 'verdict');
  const hard = Array.from({ length: ITEMS }, () => 10 * draw.normal());
  const results = plan.variants.flatMap(({ settings }) =>
    seeds.map(() => {
      return [truth, ...(shown ? [shown] : [])].flatMap((scored, i) => {
        const good = scored(settings) + ofSeeds * draw.normal();
        const asked = hard.map((ease) => good + ease + ofItems * draw.normal());
        const shots = { shots: 4 * i };
        const alone = hard.map((ease) => blind + ease / 10);
        return [rowsOf('emoji-question', 'asked', asked, shots), rowsOf('emoji-question', 'blind', alone, shots)];
      });
    }),
  );
  finishTrials(store, id, results.slice(0, done ?? results.length));
  const report = summarise(readRun(store, id), margin);
  store.close();
  return report;
}

const both = { axes: [TYPE, TOKENS], seeds: [0, 1, 2] };

describe('the verdict', () => {
  it('names the axis that matters, and the one that does not within the margin', () => {
    const truth = ({ 'connector.tokens': tokens }: Record<string, unknown>) => (tokens === 144 ? 60 : 40);
    const { verdict } = reportOf({ ...both, truth, noise: [0.2, 2] });
    expect(verdict[0]).toBe(
      'At scale nano, by emoji-question at 0 shots with 3 seeds, 4 variants lie clear of what chance and their own answers without or with another picture score.',
    );
    expect(verdict[1]).toMatch(/^What matters: connector.tokens \(144 scores 19\.\d|20\.\d \[.*\] more than 64\)\.$/);
    expect(verdict[2]).toMatch(
      /^What does not matter by more than 2\.0 points: connector.type \(all levels within 0\.\d|1\.\d\)\.$/,
    );
    expect(verdict[3]).toMatch(/^Best is #[24] \(connector.type .*, connector.tokens 144\) with /);
    expect(verdict.length).toBeLessThanOrEqual(6);
  });

  it('says what reads otherwise with demonstrations, and nothing where it reads the same', () => {
    const byTokens = ({ 'connector.tokens': tokens }: Record<string, unknown>) => (tokens === 144 ? 60 : 40);
    const otherWay = ({ 'connector.tokens': tokens }: Record<string, unknown>) => (tokens === 144 ? 40 : 60);
    const noise = [0.2, 2] as const;
    const found = (truth: World['truth'], shown: World['truth']) =>
      reportOf({ ...both, truth, shown, noise }).verdict.filter((sentence) => sentence.startsWith('At 4 shots'));
    expect(found(() => 40, byTokens)).toEqual([
      expect.stringMatching(
        /^At 4 shots, unlike at 0: connector.tokens \(144 scores (19|20)\.\d \[.*\] more than 64\)\.$/,
      ),
    ]);
    expect(found(byTokens, otherWay)).toEqual([
      expect.stringMatching(/connector.tokens \(64 scores .* more than 144\)/),
    ]);
    expect(found(byTokens, byTokens)).toEqual([]);
    // What beats no control is no evidence.
    const low = ({ 'connector.tokens': tokens }: Record<string, unknown>) => (tokens === 144 ? -20 : -40);
    expect(found(byTokens, low)).toEqual([]);
    expect(found(() => 40, low)).toEqual([]);
  });

  it('says what is not decided, and how many seeds would decide it', () => {
    const { verdict } = reportOf({ ...both, truth: () => 40, noise: [4, 2] });
    const text = verdict.join(' ');
    expect(text).toContain('Not decided: connector.');
    expect(text).toMatch(/About \d+ seeds in all would find a difference of 2\.0 points four times in five\./);
    expect(text).not.toContain('What matters');
  });

  it('holds that one seed does not say how much training varies', () => {
    const { verdict } = reportOf({ ...both, seeds: [0], truth: () => 40, noise: [1, 8], margin: 0.1 });
    expect(verdict.join(' ')).toContain('One seed does not say how much training varies: run three or more.');
  });

  it('holds that what one seed decides is of its trainings alone', () => {
    const truth = ({ 'connector.tokens': tokens }: Record<string, unknown>) => (tokens === 144 ? 60 : 40);
    const { verdict } = reportOf({ ...both, seeds: [0], truth, noise: [0.2, 2] });
    expect(verdict[1]).toMatch(
      /^What matters in the trainings of this one seed, which does not say how much others differ: connector.tokens \(/,
    );
  });

  it('asks for more items where seeds cannot decide', () => {
    const { verdict } = reportOf({ ...both, seeds: [0, 1, 2, 3, 4], truth: () => 40, noise: [0, 30], margin: 0.01 });
    expect(verdict.join(' ')).toContain(
      'More seeds alone will not find a difference of 0.0 points: ask more items too.',
    );
  });

  it('warns where no variant beats its controls', () => {
    const { verdict } = reportOf({ ...both, truth: () => 40, blind: 60, noise: [0.2, 2] });
    expect(verdict[0]).toContain('no variant lies clear of');
    expect(verdict[0]).toContain('nothing below is evidence about seeing.');
  });

  it('finds that one axis depends on another', () => {
    const truth = ({ 'connector.tokens': tokens, 'connector.type': type }: Record<string, unknown>) =>
      (tokens === 144) === (type === 'c-abstractor') ? 50 : 40;
    const { verdict } = reportOf({ ...both, truth, noise: [0.3, 2] });
    expect(verdict.join(' ')).toContain(
      'the effect of one depends on the other: connector.type with connector.tokens.',
    );
  });

  it('tells what is missing', () => {
    const { verdict } = reportOf({ ...both, truth: () => 40, noise: [0.3, 2], done: 9 });
    expect(verdict.at(-1)).toBe('All of this is without what is missing: 3 trials are not done.');
    expect(reportOf({ ...both, truth: () => 40, noise: [1, 1], done: 0 }).verdict).toEqual([
      'Nothing can be said yet: no trial has finished.',
    ]);
  });
});

describe('beside MM1', () => {
  it('a claim agrees, disagrees or is undecided by the interval', () => {
    const truth = ({ 'connector.tokens': tokens }: Record<string, unknown>) => (tokens === 144 ? 40 : 60);
    const { published } = reportOf({ ...both, truth, noise: [0.2, 2] });
    const told = published.claims.map(({ claim, verdict }) => [claim, verdict]);
    expect(told).toEqual([
      ['connector.tokens 144 scores more than 64', 'disagrees'],
      ['connector.type hardly matters', 'agrees'],
    ]);
  });

  it('rows are matched by the variants’ recipes', () => {
    const { published, means } = reportOf({ ...both, truth: () => 40, noise: [0.2, 2] });
    // Every variant of the study is a ViT-L at 336 px on dfn-5b+vecap.
    expect(published.rows).toHaveLength(1);
    expect(published.rows[0]).toMatchObject({
      mark: 'read',
      variants: [1, 2, 3, 4],
      scores: [
        { shots: 0, published: 39.9, ours: expect.closeTo(mean(means[0]!.variants.map((score) => score.mean)), 9) },
      ],
    });
    expect(published.order).toEqual([]);
  });

  it('what shows enlarged pictures is beside no row of their resolution', () => {
    const store = Store.open(newRunsFolder().file);
    const { variants, ...plan } = planOf([TYPE, TOKENS], [0], ['emoji-question']);
    const details = [undefined, 224, 336, 500];
    const shown = variants.map((variant, i) => {
      const { recipe } = variant;
      return { ...variant, recipe: { ...recipe, data: { ...recipe.data, detail: details[i] } } };
    });
    const record = readRun(store, store.beginRun({ ...plan, variants: shown }, PROVENANCE).id);
    store.close();
    const means = [
      { mean: 'mm1', shots: 0, variants: [1, 2, 3, 4].map((variant) => ({ variant, mean: 10 * variant })) },
    ];
    const { rows } = besidePublished(record, means, new Map(), 1);
    expect(rows).toMatchObject([{ variants: [1, 3, 4], scores: [{ published: 39.9, ours: 80 / 3 }] }]);
  });
});

describe('analysis of variance', () => {
  it('gives each axis its share, with seeds as blocks', () => {
    const truth = ({ 'connector.tokens': tokens }: Record<string, unknown>) => (tokens === 144 ? 60 : 40);
    const anova = reportOf({ ...both, truth, noise: [0.5, 2] }).tasks[0]!.anova!;
    expect(anova.rows.map(({ axes, degrees }) => [axes.join(' x '), degrees])).toEqual([
      ['connector.type', 1],
      ['connector.tokens', 1],
      ['connector.type x connector.tokens', 1],
      ['seed', 2],
    ]);
    const tokens = anova.rows[1]!;
    expect(tokens.omega).toBeGreaterThan(0.95);
    expect(tokens.p).toBeLessThan(0.001);
    expect(anova.residual.degrees).toBe(6);
  });

  it('of one seed leaves out the interaction, for nothing would be left to compare with', () => {
    const anova = reportOf({ ...both, seeds: [0], truth: () => 40, noise: [1, 1] }).tasks[0]!.anova!;
    expect(anova.rows).toHaveLength(2);
    expect(anova.residual.degrees).toBe(1);
    expect(anova.note).toContain('Interactions of two axes are not shown');
  });
});
