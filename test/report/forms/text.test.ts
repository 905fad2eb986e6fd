import { describe, expect, it } from 'vitest';
import type { Axis } from '../../../src/config/plan.js';
import type { Scalar } from '../../../src/config/recipe.js';
import type { TaskName } from '../../../src/config/tasks.js';
import { documentOf } from '../../../src/report/document.js';
import { renderText } from '../../../src/report/forms/text.js';
import { readRun } from '../../../src/report/observations.js';
import { summarise } from '../../../src/report/results.js';
import { Store } from '../../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from '../study.js';

const AXES: Axis[] = [
  { path: 'connector.type', values: ['average-pool', 'c-abstractor'] },
  { path: 'connector.tokens', values: [64, 144] },
];

interface Study {
  axes?: Axis[];
  seeds: number[];
  tasks?: TaskName[];
  shots?: number[];
  results: Parameters<typeof finishTrials>[2];
  after?: (store: Store, runId: string) => void;
  /** A setting that some variants do not have. */
  without?: { path: string; when: (settings: Readonly<Record<string, Scalar>>) => boolean };
  width?: number;
}

function render({
  axes = AXES,
  seeds,
  tasks = ['emoji-caption'],
  shots,
  results,
  after,
  without,
  width = 80,
}: Study): string {
  const store = Store.open(newRunsFolder().file);
  const whole = planOf(axes, seeds, tasks, shots);
  const { id } = store.beginRun(without ? withoutSetting(whole, without) : whole, PROVENANCE);
  finishTrials(store, id, results);
  after?.(store, id);
  const text = renderText(documentOf(summarise(readRun(store, id))), { width, heading: (title) => `## ${title}` });
  store.close();
  return text;
}

/** A plan whose variants do not have a setting where it counts for nothing. */
function withoutSetting(plan: ReturnType<typeof planOf>, { path, when }: NonNullable<Study['without']>) {
  const kept = plan.variants.map((variant) => {
    const { [path]: _, ...others } = variant.settings;
    return when(variant.settings) ? { ...variant, settings: others } : variant;
  });
  const distinct = new Map(kept.map((variant) => [JSON.stringify(variant.settings), variant]));
  return { ...plan, variants: [...distinct.values()].map((variant, index) => ({ ...variant, index })) };
}

/** Three items 2 apart: their interval over items is 5.0 to either side. */
const around = (value: number) => [value - 2, value, value + 2];
const caption = (value: number) => rowsOf('emoji-caption', 'asked', around(value));
const blind = (value: number) => rowsOf('emoji-caption', 'blind', around(value));

/** From the line that holds `from` to the next empty one. */
function block(text: string, from: string): string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.includes(from));
  return lines.slice(start, lines.indexOf('', start));
}

describe('the report in a terminal', () => {
  const finished = render({
    seeds: [0],
    results: [20, 40, 9.96, 30].map((value) => [caption(value), blind(8)]),
    after: (store, id) => {
      store.recordStage({
        ...{ runId: id, key: 'a', kind: 'corpus', title: 'caption data 336 px', status: 'done', cached: false },
        ...{
          seconds: 1,
          bytes: 1,
          error: null,
          errorCode: null,
          attempts: 1,
          log: '',
          summary: { documents: 3912, pictures: 3912 },
        },
      });
      for (const [key, captions] of [
        ['b', 60],
        ['c', 58],
      ] as const) {
        store.recordStage({
          ...{ runId: id, key, kind: 'pretrain', title: `train ${key}`, status: 'done', cached: false },
          ...{ seconds: 1, bytes: 1, error: null, errorCode: null, attempts: 1, log: '' },
          summary: {
            'sequences asked': { caption: 0.6, text: 0.4 },
            'sequences drawn': { caption: captions, text: 100 - captions },
            'text tokens drawn': { caption: 1000, text: 3000 },
            'pictures drawn': { caption: 90, text: 0 },
          },
        });
      }
      store.finishRun(id, 'done');
    },
  });

  it('opens with the run, its scale, engine, data and seeds', () => {
    const head = block(finished, 'run  ').map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'TIME'));
    expect(head[0]).toMatch(/^run {8}\d{8}-\d{6}-study \(done\)$/);
    expect(head.slice(1)).toEqual([
      'question   Does the report say what was measured?',
      'scale      nano',
      'engine     tensorflow 2.21.0 on a processor',
      'data       caption from emoji; text from emoji-texts, novel; question from',
      '           emoji-questions; caption data 336 px: 3912 documents, 3912 pictures',
      'seeds      0',
      'shots      0',
      'trials     4 of 4 done',
      'time       stages that were computed took 3 s',
      'started    TIME UTC',
      'ended      TIME UTC',
      'intervals  95%, over items alone, for there is one seed: they do not say how',
      '           much training varies; n counts seeds; each encoder and language model',
      '           is one training, whose own luck is in none of them',
      'controls   chance; blind: without the picture, of text alone without the',
      "           question; shuffled: with another item's; beats: clear of chance, and",
      '           of every control item by item, by the 95% interval',
    ]);
  });

  it('shows what was drawn beside what was asked for, all trainings of a mixture together', () => {
    expect(block(finished, 'TRAINING DATA')).toEqual([
      '## TRAINING DATA DRAWN, 2 trainings',
      'kind     asked  sequences  share  text tokens  share  pictures',
      '──────────────────────────────────────────────────────────────',
      'caption  60.0%        118  59.0%        2,000  25.0%       180',
      'text     40.0%         82  41.0%        6,000  75.0%         0',
    ]);
  });

  it('lists the variants of a task best first, each by its own number', () => {
    expect(block(finished, '## emoji-caption, 0-shot: CIDEr-D, 3')).toEqual([
      '## emoji-caption, 0-shot: CIDEr-D, 3 items, chance 5.0',
      '#  connector     connector  mean  95% interval  n  blind  beats',
      '   type             tokens',
      '───────────────────────────────────────────────────────────────',
      '2  average-pool        144  40.0  [35.0, 45.0]  1    8.0  yes',
      '4  c-abstractor        144  30.0  [25.0, 35.0]  1    8.0  yes',
      '1  average-pool         64  20.0  [15.0, 25.0]  1    8.0  yes',
      '3  c-abstractor         64  10.0   [5.0, 14.9]  1    8.0  no',
      'Noise: a difference of 0.0 is found four times in five.',
    ]);
  });

  it('shows the effect of each axis, the strongest first', () => {
    expect(block(finished, 'effect of each axis')).toEqual([
      '## emoji-caption, 0-shot: CIDEr-D: effect of each axis',
      'axis, level       mean  95% interval  n    behind the best       p',
      '──────────────────────────────────────────────────────────────────',
      'connector.tokens',
      '  64              15.0  [10.0, 19.9]  1  20.0 [20.0, 20.0]  <0.001',
      '  144             35.0  [30.0, 40.0]  1               best',
      'connector.type',
      '  average-pool    30.0  [25.0, 35.0]  1               best',
      '  c-abstractor    20.0  [15.0, 24.9]  1  10.0 [10.0, 10.0]  <0.001',
      'Noise: between levels, a difference of 0.0 of connector.tokens, 0.0 of',
      'connector.type is found four times in five.',
    ]);
  });

  it('leaves the cell of a setting empty in variants that do not have it', () => {
    const text = render({
      axes: [
        { path: 'language_model.type', values: ['dense', 'moe'] },
        { path: 'language_model.experts', values: [2, 4] },
      ],
      without: { path: 'language_model.experts', when: (settings) => settings['language_model.type'] === 'dense' },
      seeds: [0],
      results: [20, 40, 30].map((value) => [caption(value), blind(8)]),
    });
    const rows = block(text, '## emoji-caption, 0-shot: CIDEr-D, 3').slice(4, 7);
    expect(rows.map((row) => row.split(/\s{2,}/).slice(0, 3))).toEqual([
      ['2', 'moe', '2'],
      ['3', 'moe', '4'],
      ['1', 'dense', '-'],
    ]);
  });

  it('ends with what stands for what, and leaves out what there is nothing to say about', () => {
    expect(finished).toMatch(/\n\nAt scale nano, vit-l is a small transformer [^#]+ tiny models\.\n$/);
    expect(finished).not.toMatch(/Failed|without a finished|HELD OUT/);
  });

  it('shows held-out concepts apart, under their own heading', () => {
    const text = render({
      seeds: [0, 1],
      tasks: ['emoji-caption-unseen', 'emoji-caption'],
      results: Array.from({ length: 8 }, (_, index) => [
        rowsOf('emoji-caption-unseen', 'asked', around(20 + index)),
        caption(20 + index),
      ]),
    });
    const headings = text.split('\n').filter((line) => line.startsWith('##'));
    expect(headings).toEqual([
      '## VERDICT',
      '## emoji-caption, 0-shot: CIDEr-D, 3 items, chance 5.0',
      '## emoji-caption, 0-shot: CIDEr-D: effect of each axis',
      '## WHERE THE VARIANCE IS',
      '## BESIDE MM1, arXiv 2403.09611',
      '## CONCEPTS HELD OUT FROM TRAINING',
      '## emoji-caption-unseen, 0-shot: CIDEr-D, 3 items, chance 5.0',
      '## emoji-caption-unseen, 0-shot: CIDEr-D: effect of each axis',
    ]);
    expect(text).not.toMatch(/n +blind|MEAN/);
  });

  it('says what is missing of a run that is not finished, and what failed and why', () => {
    const text = render({
      seeds: [0, 1],
      results: [[caption(20)], [caption(22)], [caption(30)], null, [caption(5)], [caption(6)], null, null],
      after: (store, id) =>
        store.failTrial(store.trials(id)[7]!.id, 'E_MEMORY', 'E_MEMORY: \u001b[31mfull\u001b[0m\n  at step 3'),
    });
    expect(text.replace(/\s+/g, ' ')).toContain(
      'trials 5 of 8 done, 1 failed, 2 pending; effects are over what all levels have finished',
    );
    expect(text).toContain('ended      not yet\n');
    expect(text.replace(/\s+/g, ' ')).toContain('n counts seeds; * over items alone, for one seed is done');
    expect(block(text, '## emoji-caption, 0-shot: CIDEr-D, 3').slice(4)).toEqual([
      '2  average-pool        144  30.0  [25.0, 35.0]*  1  yes',
      '1  average-pool         64  21.0   [7.4, 34.6]   2  yes',
      '3  c-abstractor         64   5.5  [-2.6, 13.6]   2  no',
      'Noise: seeds of one variant differ by 1.1 (standard deviation); a difference of',
      '0.0 is found four times in five.',
    ]);
    expect(block(text, 'without a finished')).toEqual([
      '## Variants without a finished trial',
      '-  connector.type c-abstractor, connector.tokens 144 (seed 0 pending, seed 1',
      '   failed)',
    ]);
    expect(block(text, 'Failed trials')).toEqual([
      '## Failed trials',
      '-  connector.type c-abstractor, connector.tokens 144, seed 1: E_MEMORY: full at',
      '   step 3',
    ]);
  });

  it('reports a run of which nothing has finished', () => {
    const text = render({ seeds: [0], results: [] });
    expect(text).toContain('trials     0 of 4 done, 4 pending\n');
    expect(text).toContain('data       caption from emoji; text from emoji-texts, novel; question from\n');
    expect(text).toContain('-  connector.type average-pool, connector.tokens 64 (seed 0 pending)\n');
  });

  it('reports a grid without axes', () => {
    const text = render({ axes: [], seeds: [0], results: [[caption(20)]] });
    expect(block(text, '## emoji-caption')).toEqual([
      '## emoji-caption, 0-shot: CIDEr-D, 3 items, chance 5.0',
      '#  mean  95% interval  n  beats',
      '───────────────────────────────',
      '1  20.0  [15.0, 25.0]  1  yes',
    ]);
    expect(text).not.toContain('effect');
  });

  it('puts the settings into one column where the terminal is too narrow for one each', () => {
    const axes = [
      ...AXES,
      { path: 'encoder.resolution', values: [336] },
      { path: 'language_model.type', values: ['dense'] },
    ];
    const results = [20, 40, 10, 30].map((value) => [caption(value)]);
    const width = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
    expect(width(render({ axes, seeds: [0], results, width: 80 }))).toBe(80);
    const narrow = render({ axes, seeds: [0], results, width: 70 });
    expect(block(narrow, '## emoji-caption, 0-shot: CIDEr-D, 3').slice(1, 7)).toEqual([
      '#  settings                     mean  95% interval  n  beats',
      '────────────────────────────────────────────────────────────',
      '2  connector.type average-pool  40.0  [35.0, 45.0]  1  yes',
      '   connector.tokens 144',
      '   encoder.resolution 336',
      '   language_model.type dense',
    ]);
  });

  it('marks a task on which no variant beats its controls, in both of its headings', () => {
    const results = (best: number) =>
      [20, best].map((value) => [caption(value), blind(8), rowsOf('emoji-caption', 'shuffled', around(18).reverse())]);
    const axes = AXES.slice(0, 1);
    const text = render({ axes, seeds: [0], results: results(22) });
    expect(text.split('\n').filter((line) => line.startsWith('##'))).toEqual([
      '## VERDICT',
      '## emoji-caption, 0-shot: CIDEr-D, 3 items, chance 5.0',
      '## no variant beats its controls',
      '## emoji-caption, 0-shot: CIDEr-D: effect of each axis',
      '## no variant beats its controls',
      '## BESIDE MM1, arXiv 2403.09611',
    ]);
    expect(block(text, '## emoji-caption').slice(2, 7)).toEqual([
      '#  connector     mean  95% interval  n  blind  shuffled  beats',
      '   type',
      '──────────────────────────────────────────────────────────────',
      '2  c-abstractor  22.0  [17.0, 27.0]  1    8.0      18.0  no',
      '1  average-pool  20.0  [15.0, 25.0]  1    8.0      18.0  no',
    ]);
    expect(render({ axes, seeds: [0], results: results(22), width: 100 })).toContain(
      '## emoji-caption, 0-shot: CIDEr-D: effect of each axis (no variant beats its controls)\n',
    );
    expect(render({ axes, seeds: [0], results: results(40) })).not.toContain('no variant');
  });

  it('says where lower is better', () => {
    const results = [3, 2].map((value) => [rowsOf('speech-bits', 'asked', [value, value])]);
    const text = render({ axes: AXES.slice(0, 1), seeds: [0], tasks: ['speech-bits'], results });
    expect(block(text, '## speech-bits, 0-shot: bits per byte, 2').slice(0, 5)).toEqual([
      '## speech-bits, 0-shot: bits per byte, 2 items, chance 8.000 (lower is better)',
      '#  connector      mean    95% interval  n  beats',
      '   type',
      '────────────────────────────────────────────────',
      '2  c-abstractor  2.000  [2.000, 2.000]  1  yes',
    ]);
  });

  it('ends the tasks with the means over them, and names what is averaged', () => {
    const rows = (value: number) => [
      caption(value),
      blind(8),
      rowsOf('world-count', 'asked', around(value + 20)),
      rowsOf('world-dial', 'asked', around(value + 40)),
      rowsOf('definition', 'asked', around(60)),
      rowsOf('cloze', 'asked', around(70)),
      rowsOf('speech-bits', 'asked', [2, 2, 2]),
      rowsOf('world-count', 'asked', around(50), { shots: 4 }),
      rowsOf('world-count', 'asked', around(52), { shots: 4, demonstrationSeed: 1 }),
    ];
    const tasks = ['emoji-caption', 'world-count', 'world-dial', 'definition', 'cloze', 'speech-bits'] as const;
    const axes = AXES.slice(0, 1);
    const text = render({ axes, seeds: [0], tasks: [...tasks], shots: [0, 4], results: [rows(20), rows(40)] });
    expect(text.replace(/\s+/g, ' ')).toContain(
      'shots 0, 4; values are means over 3 draws of demonstrations, the same for all variants, whose own luck is in no interval',
    );
    expect(block(text, "## MM1'S MEAN")).toEqual([
      "## MM1'S MEAN, CAPTIONS AND QUESTIONS, 0-shot, 3 tasks, chance 5.0",
      'Unweighted, of emoji-caption (CIDEr-D), world-count (VQA accuracy), world-dial',
      '(VQA accuracy).',
      '#  connector     mean  95% interval  n  beats',
      '   type',
      '─────────────────────────────────────────────',
      '2  c-abstractor  60.0  [58.4, 61.6]  1  yes',
      '1  average-pool  40.0  [38.4, 41.6]  1  yes',
      'Noise: a difference of 0.0 is found four times in five.',
    ]);
    expect(block(text, '## MEAN OF TEXTCORE').slice(0, 3)).toEqual([
      '## MEAN OF TEXTCORE, 0-shot, 2 tasks, chance 25.0',
      'Unweighted, of definition (choice accuracy), cloze (choice accuracy).',
      'Left out, for it is no accuracy: speech-bits (bits per byte).',
    ]);
    // No mean of one task, nor of questions alone at 4 shots, where they are all that there is.
    expect(text.split('\n').filter((line) => /^## M.*tasks/.test(line))).toEqual([
      expect.stringContaining("MM1'S MEAN, CAPTIONS AND QUESTIONS, 0-shot"),
      expect.stringContaining('MEAN OF QUESTIONS, 0-shot'),
      expect.stringContaining('MEAN OF TEXTCORE, 0-shot'),
    ]);
    expect(text).toContain("## MM1'S MEAN, CAPTIONS AND QUESTIONS, 0-shot: effect of each axis\n");
  });
});
