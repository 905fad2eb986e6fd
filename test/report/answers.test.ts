import { afterAll, describe, expect, it } from 'vitest';
import { type AnswersQuery, readAnswers, readAsked } from '../../src/report/answers.js';
import { renderAnswers, renderAsked } from '../../src/report/answers-text.js';
import { Store } from '../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from './study.js';

const AXES = [{ path: 'connector.tokens', values: [64, 144] }];
const STYLE = { width: 60, heading: (text: string) => `## ${text}` };

const store = Store.open(newRunsFolder().file);
const { id } = store.beginRun(planOf(AXES, [0, 7], ['emoji-caption', 'speech-bits'], [0, 4]), PROVENANCE);
const trial = (value: number) => [
  rowsOf('emoji-caption', 'asked', [value + 50, value, value + 20]),
  rowsOf('emoji-caption', 'blind', [1, 2, 3]),
  rowsOf('emoji-caption', 'asked', [90, 80], { shots: 4 }),
  rowsOf('emoji-caption', 'asked', [70, 80], { shots: 4, demonstrationSeed: 1 }),
  rowsOf('speech-bits', 'asked', [2, 4]),
];
finishTrials(store, id, [trial(10), trial(20)]);
afterAll(() => store.close());

const QUERY: AnswersQuery = {
  ...{ variant: '1', task: 'emoji-caption', shots: undefined },
  ...{ condition: 'asked', limit: 20, best: false },
};
const read = (query: Partial<AnswersQuery> = {}) => readAnswers(store, 'latest', { ...QUERY, ...query });
const order = (query: Partial<AnswersQuery>) => read(query).items.map(({ item, value }) => [item, value]);

describe("a variant's answers", () => {
  it('are read the worst first, with every seed', () => {
    const shown = read();
    expect(shown).toMatchObject({
      ...{ run: id, task: 'emoji-caption', shots: 0, metric: 'CIDEr-D', condition: 'asked', first: 'worst', of: 3 },
      variant: { number: 1, key: 'variant-0', settings: { 'connector.tokens': 64 } },
      value: expect.closeTo(115 / 3, 9),
      demonstrations: [],
    });
    expect(shown.items[0]).toEqual({
      ...{ item: 'item-1', prompt: '<picture-1> Is it?', references: ['yes', 'so it is'], value: 15 },
      answers: [
        { seed: 0, demonstrationSeed: 0, demonstrationList: 0, output: 'yes, 10', value: 10 },
        { seed: 7, demonstrationSeed: 0, demonstrationList: 0, output: 'yes, 20', value: 20 },
      ],
    });
    expect(order({})).toEqual([
      ['item-1', 15],
      ['item-2', 35],
      ['item-0', 65],
    ]);
  });

  it('are read the best first, at most so many', () => {
    expect(order({ best: true, limit: 2 })).toEqual([
      ['item-0', 65],
      ['item-2', 35],
    ]);
  });

  it('of a task of which lower is better have the highest as the worst', () => {
    expect(order({ task: 'speech-bits', limit: 1 })).toEqual([['item-1', 4]]);
    expect(order({ task: 'speech-bits', limit: 1, best: true })).toEqual([['item-0', 2]]);
  });

  it('are those of a control', () => {
    expect(read({ condition: 'blind' })).toMatchObject({ condition: 'blind', value: 2 });
    expect(order({ condition: 'blind', limit: 1 })).toEqual([['item-0', 1]]);
  });

  it('come with the demonstrations that stood before them', () => {
    const { demonstrations, items } = read({ shots: '4', limit: 1 });
    // Both items are worth 80: the first by name, which has the first list.
    expect(items.map(({ item, answers }) => [item, answers.length])).toEqual([['item-0', 4]]);
    expect(demonstrations).toEqual(
      [0, 1].map((demonstrationSeed) => ({
        ...{ demonstrationSeed, demonstrationList: 0 },
        text: `<picture> Shown a? yes\n<other> Seed ${demonstrationSeed}? no\n`,
      })),
    );
    expect(read({ shots: '4' }).demonstrations).toHaveLength(4);
  });

  it.each([
    ['another variant', { variant: '2' }, 'no trial of this variant has finished', 'take another'],
    ['another task', { task: 'emoji-capton' }, 'no task "emoji-capton"', 'mean "emoji-caption"?'],
    ['other shots', { shots: '8' }, 'with "8" shots', '0, 4'],
    ['another condition', { condition: 'shuffled' }, 'not measured shuffled', 'Leave'],
  ] as const)('are refused of %s', (_, query, message, remedy) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({
        code: 'E_USAGE',
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(remedy),
      }),
    );
  });
});

describe('in a terminal', () => {
  it('the tasks are a table', () => {
    expect(renderAsked(readAsked(store, id, '1'), { ...STYLE, width: 80 }).split('\n')).toEqual([
      `## TASKS OF ${id}`,
      'variant 1 (variant-0): connector.tokens 64',
      '',
      'task           shots  metric         items  asked  blind  shuffled',
      '──────────────────────────────────────────────────────────────────',
      'emoji-caption      0  CIDEr-D            3   38.3    2.0         -',
      'emoji-caption      4  CIDEr-D            2   80.0      -         -',
      'speech-bits        0  bits per byte      2    3.0      -         -',
      '',
      'Items of a task: --task <task>, and --shots, --condition, --best as needed.',
      '',
    ]);
    expect(renderAsked(readAsked(store, id, '2'), STYLE)).toContain('No trial of it has finished.');
  });

  it('an item stands with its prompt, references and answers', () => {
    expect(renderAnswers(read({ limit: 1 }), STYLE).split('\n')).toEqual([
      '## emoji-caption, 0-shot, asked: CIDEr-D 38.3, 1 of 3 items,',
      '## worst first',
      'variant 1 (variant-0): connector.tokens 64',
      '',
      '## 15.0  item-1',
      'prompt        <picture-1> Is it?',
      'references    "yes" "so it is"',
      'seed 0        [10.0] yes, 10',
      'seed 7        [20.0] yes, 20',
      '',
    ]);
  });

  it('demonstrations follow, each list once', () => {
    const text = renderAnswers(read({ shots: '4', limit: 1 }), STYLE);
    expect(text).toContain('seed 0, 0a    [90.0] yes, 90\nseed 0, 1a    [70.0] yes, 70\nseed 7, 0a ');
    expect(text.slice(text.indexOf('## DEMONSTRATIONS 1a'))).toBe(
      '## DEMONSTRATIONS 1a\n<picture> Shown a? yes\n<other> Seed 1? no\n',
    );
  });

  it('what a model wrote steers no terminal, and is as wide as the terminal', () => {
    const shown = read({ limit: 1 });
    const [item] = shown.items;
    const write = (output: string) => {
      const answers = item!.answers.map((answer) => ({ ...answer, output }));
      return renderAnswers({ ...shown, items: [{ ...item!, answers, prompt: output }] }, STYLE);
    };
    const steered = write('red \u001b[2J\u001b]0;title\u0007apple\r\u0008\u009b31m\u001b');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(steered).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(steered).not.toMatch(/2J|title|31m/);
    expect(steered).toMatch(/\[10\.0\] red .*apple/);
    const long = write(`${'word '.repeat(40)}${'x'.repeat(200)} ${'😀'.repeat(90)}`);
    expect(Math.max(...long.split('\n').map((line) => line.replace(/^## /, '').length))).toBeLessThanOrEqual(60);
    expect(long.match(/x/g)!.length).toBeGreaterThanOrEqual(600);
    expect(long).not.toContain('\ufffd');
    expect(write('  ')).toContain('[10.0] (nothing)');
  });
});
