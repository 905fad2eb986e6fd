import { describe, expect, it } from 'vitest';
import { lmmsEvalOf, lmmsEvalOfRun } from '../../src/report/lmms-eval.js';
import { readRun } from '../../src/report/observations.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

const AXES = [
  { path: 'connector.type', values: ['mlp', 'c-abstractor'] },
  { path: 'connector.tokens', values: [64] },
];

describe('the JSON of lmms-eval and lm-evaluation-harness', () => {
  const store = Store.open(newRunsFolder().file);
  const tasks = ['emoji-question', 'speech-bits'] as const;
  const { id } = store.beginRun(planOf(AXES, [0, 7], tasks, [0, 4]), PROVENANCE);
  const trial = (value: number) => [
    rowsOf('emoji-question', 'asked', [value, value + 10, value + 50]),
    rowsOf('emoji-question', 'blind', [0, 3, 6]),
    rowsOf('emoji-question', 'asked', [value, value, value], { shots: 4 }),
    rowsOf('emoji-question', 'asked', [value + 3, value, value], { shots: 4, demonstrationSeed: 1 }),
    rowsOf('speech-bits', 'asked', [2]),
  ];
  finishTrials(store, id, [trial(10), trial(20), null, null]);
  const record = readRun(store, id);
  const { startedAt } = store.run(id);
  store.close();
  const [first] = record.variants;
  const results = lmmsEvalOf(record, first!);

  it('has value and standard error over the items, of the task and of its controls', () => {
    expect(results.results).toEqual({
      'emoji-question': {
        alias: 'emoji-question',
        'vqa_accuracy,none': 35,
        // Over the seeds the items are 15, 25 and 65: 26.458 / sqrt(3).
        'vqa_accuracy_stderr,none': expect.closeTo(Math.sqrt(700 / 3), 9),
        'vqa_accuracy,blind': 3,
        'vqa_accuracy_stderr,blind': expect.closeTo(3 / Math.sqrt(3), 9),
      },
      'emoji-question_4shot': {
        alias: 'emoji-question',
        'vqa_accuracy,none': 15.5,
        'vqa_accuracy_stderr,none': expect.closeTo(0.5, 9),
      },
      'speech-bits': { alias: 'speech-bits', 'bits_per_byte,none': 2, 'bits_per_byte_stderr,none': 'N/A' },
    });
  });

  it('has an entry for each result in every map that their tables look into', () => {
    const names = Object.keys(results.results);
    for (const map of ['configs', 'versions', 'n-shot', 'n-samples', 'higher_is_better'] as const) {
      expect(Object.keys(results[map])).toEqual(names);
    }
    expect(results['n-shot']).toEqual({ 'emoji-question': 0, 'emoji-question_4shot': 4, 'speech-bits': 0 });
    expect(results['n-samples']['emoji-question_4shot']).toEqual({ original: 3, effective: 3 });
    expect(results.higher_is_better).toMatchObject({
      'emoji-question': { vqa_accuracy: true },
      'speech-bits': { bits_per_byte: false },
    });
    expect(results.versions['speech-bits']).toBe('0.1.0');
  });

  it('says what was asked of what, with which seeds', () => {
    expect(results.configs['emoji-question_4shot']).toEqual({
      task: 'emoji-question',
      tag: 'vqa',
      num_fewshot: 4,
      metric_list: [{ metric: 'vqa_accuracy', higher_is_better: true }],
      metadata: {
        version: '0.1.0',
        metric: 'VQA accuracy',
        chance: 5,
        // 15.5 over two seeds that are 10 apart.
        beats_controls: false,
        note: 'no variant beats its controls',
        seeds: [0, 7],
        demonstration_seeds: [0, 1],
      },
    });
    expect(results.configs['speech-bits']).toMatchObject({ metadata: { beats_controls: true, note: null } });
    expect(results.config).toMatchObject({
      model: 'mm1',
      model_args: 'connector.type=mlp,connector.tokens=64',
      limit: 3,
      run: id,
      variant: 'variant-0',
      seeds: [0, 7],
      demonstration_seeds: [0, 1, 2],
      recipe: { connector: { type: 'average-pool' } },
    });
    expect(results).toMatchObject({ git_hash: null, date: Date.parse(startedAt) / 1000 });
  });

  it('is a map by key for all variants, without those that have finished nothing', () => {
    expect(lmmsEvalOfRun(record)).toEqual({ 'variant-0': results });
    expect(lmmsEvalOf(record, record.variants[1]!).results).toEqual({});
  });
});
