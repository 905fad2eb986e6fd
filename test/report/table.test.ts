import { describe, expect, it } from 'vitest';
import type { Axis, TaskName } from '../../src/config/recipe.js';
import { readRun } from '../../src/report/observations.js';
import { summarise } from '../../src/report/results.js';
import { renderTables } from '../../src/report/table.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

const AXES: Axis[] = [
  { path: 'connector.type', values: ['average-pool', 'c-abstractor'] },
  { path: 'connector.tokens', values: [64, 144] },
];

interface Study {
  axes?: Axis[];
  seeds: number[];
  tasks?: TaskName[];
  results: Parameters<typeof finishTrials>[2];
  after?: (store: Store, runId: string) => void;
  width?: number;
}

function render({ axes = AXES, seeds, tasks = ['emoji-caption'], results, after, width = 80 }: Study): string {
  const store = Store.open(newRunsFolder().file);
  const { id } = store.beginRun(planOf(axes, seeds, tasks), PROVENANCE);
  finishTrials(store, id, results);
  after?.(store, id);
  const text = renderTables(summarise(readRun(store, id)), { width, heading: (title) => `## ${title}` });
  store.close();
  return text;
}

/** Three items 2 apart: their interval over items is 5.0 to either side. */
const around = (value: number) => [value - 2, value, value + 2];
const caption = (value: number) => rowsOf('emoji-caption', 'image', around(value));
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
        ...{ seconds: 1, bytes: 1, error: null, summary: { documents: 3912, pictures: 3912 } },
      });
      for (const [key, captions] of [
        ['b', 60],
        ['c', 58],
      ] as const) {
        store.recordStage({
          ...{ runId: id, key, kind: 'pretrain', title: `train ${key}`, status: 'done', cached: false },
          ...{ seconds: 1, bytes: 1, error: null },
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
      'trials     4 of 4 done',
      'started    TIME UTC',
      'ended      TIME UTC',
      'intervals  95%, over items alone, for there is one seed: they do not say how',
      '           much training varies; n counts seeds',
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

  it('lists the variants of a task best first', () => {
    expect(block(finished, '## emoji-caption, 0-shot: cider-d, 3')).toEqual([
      '## emoji-caption, 0-shot: cider-d, 3 items, chance 5.0',
      '#  connector     connector  mean  95% interval  n  blind  beats',
      '   type             tokens                                blind',
      '───────────────────────────────────────────────────────────────',
      '1  average-pool        144  40.0  [35.0, 45.0]  1    8.0  yes',
      '2  c-abstractor        144  30.0  [25.0, 35.0]  1    8.0  yes',
      '3  average-pool         64  20.0  [15.0, 25.0]  1    8.0  yes',
      '4  c-abstractor         64  10.0   [5.0, 14.9]  1    8.0  no',
    ]);
  });

  it('shows the effect of each axis, the strongest first', () => {
    expect(block(finished, 'effect of each axis')).toEqual([
      '## emoji-caption, 0-shot: cider-d: effect of each axis',
      'axis              level         mean  95% interval  n  variants  span',
      '─────────────────────────────────────────────────────────────────────',
      'connector.tokens  64            15.0  [10.0, 19.9]  1         2  20.0',
      '                  144           35.0  [30.0, 40.0]  1         2',
      'connector.type    average-pool  30.0  [25.0, 35.0]  1         2  10.0',
      '                  c-abstractor  20.0  [15.0, 24.9]  1         2',
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
        rowsOf('emoji-caption-unseen', 'image', around(index)),
        caption(index),
      ]),
    });
    const headings = text.split('\n').filter((line) => line.startsWith('##'));
    expect(headings).toEqual([
      '## emoji-caption, 0-shot: cider-d, 3 items, chance 5.0',
      '## emoji-caption, 0-shot: cider-d: effect of each axis',
      '## CONCEPTS HELD OUT FROM TRAINING',
      '## emoji-caption-unseen, 0-shot: cider-d, 3 items, chance 5.0',
      '## emoji-caption-unseen, 0-shot: cider-d: effect of each axis',
    ]);
    expect(text).not.toMatch(/blind/);
  });

  it('says what is missing of a run that is not finished, and what failed and why', () => {
    const text = render({
      seeds: [0, 1],
      results: [[caption(20)], [caption(22)], [caption(30)], null, [caption(5)], [caption(6)], null, null],
      after: (store, id) => store.failTrial(store.trials(id)[7]!.id, 'E_MEMORY: \u001b[31mfull\u001b[0m\n  at step 3'),
    });
    expect(text.replace(/\s+/g, ' ')).toContain(
      'trials 5 of 8 done, 1 failed, 2 pending; effects are over what all levels have finished',
    );
    expect(text).toContain('ended      not yet\n');
    expect(text.replace(/\s+/g, ' ')).toContain('n counts seeds; * over items alone, for one seed is done');
    expect(block(text, '## emoji-caption, 0-shot: cider-d, 3').slice(4)).toEqual([
      '1  average-pool        144  30.0  [25.0, 35.0]*  1',
      '2  average-pool         64  21.0   [8.3, 33.7]   2',
      '3  c-abstractor         64   5.5  [-0.9, 11.9]   2',
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
      '## emoji-caption, 0-shot: cider-d, 3 items, chance 5.0',
      '#  mean  95% interval  n',
      '────────────────────────',
      '1  20.0  [15.0, 25.0]  1',
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
    expect(block(narrow, '## emoji-caption, 0-shot: cider-d, 3').slice(1, 7)).toEqual([
      '#  settings                     mean  95% interval  n',
      '─────────────────────────────────────────────────────',
      '1  connector.type average-pool  40.0  [35.0, 45.0]  1',
      '   connector.tokens 144',
      '   encoder.resolution 336',
      '   language_model.type dense',
    ]);
  });
});
