import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { type Plan, shotsOf } from '../../src/config/plan.js';
import { checkShots } from '../../src/config/rules.js';
import { defaultRecipe } from '../../src/config/scales.js';
import { Mm1Error } from '../../src/errors.js';
import { sourceReader } from '../../src/plan/sources.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-grid-evaluation-'));
const file = join(folder, 'grid.yaml');
afterAll(() => rmSync(folder, { recursive: true }));
for (const split of ['train', 'val']) {
  mkdirSync(join(folder, split));
  for (const name of [`${split}.json`, `${split}-answers.json`, `${split}/1.jpg`])
    writeFileSync(join(folder, name), name);
}
writeFileSync(join(folder, 'notes.txt'), 'text');

/** What a grid says of its evaluation, with a reader that has seen nothing yet. */
function load(evaluation: string, more = ''): Plan {
  writeFileSync(file, `seeds: [0]\nevaluation: {${evaluation}}\n${more}`);
  return loadGrid(file, {}, undefined, sourceReader(join(folder, 'runs')));
}

/** All problems: "line:column: message". */
function problems(evaluation: string, more = ''): string[] {
  try {
    load(evaluation, more);
  } catch (error) {
    if (!(error instanceof Mm1Error) || error.code !== 'E_GRID') throw error;
    const heads = error.message.split('\n').filter((line) => line.startsWith(file));
    return heads.map((line) => line.slice(file.length + 1));
  }
  throw new Error('the grid was accepted');
}

const coco = (split: string) => `coco: {annotations: ${split}.json, images: ${split}}`;
const vqa = (split: string) => `vqa: {questions: ${split}.json, annotations: ${split}-answers.json, images: ${split}}`;
const source = (split: string) => ({
  source: `{"coco":{"annotations":"${split}.json","images":"${split}"}}`,
  sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
});
const names = (evaluation: string) => load(evaluation).evaluation.tasks.map(({ name }) => name);

describe('an evaluation', () => {
  it("asks the scale's own number of items of the emoji, without demonstrations, where the grid does not say", () => {
    expect(load('').evaluation).toEqual({
      tasks: ['emoji-caption', 'emoji-question', 'emoji-caption-unseen', 'emoji-question-unseen'].map((name) => ({
        name,
      })),
      shots: [0],
      demonstration_seeds: 1,
      items: 300,
      prompts: {},
    });
  });

  it('asks what the grid says, shots ascending', () => {
    const { evaluation } = load('tasks: [is-a], shots: [8, 0, 4], demonstration_seeds: 3, items: 7');
    expect(evaluation).toEqual({
      tasks: [{ name: 'is-a' }],
      shots: [0, 4, 8],
      demonstration_seeds: 3,
      items: 7,
      prompts: {},
    });
    expect(load('shots: [0, 1]').hash).toBe(load('shots: [1, 0]').hash);
  });

  it('asks a task or a group with shots of its own', () => {
    const { evaluation } = load('shots: [0, 4], tasks: [is-a, {task: cloze, shots: [2, 0]}, {task: captioning}]');
    expect(evaluation.tasks).toEqual([
      { name: 'is-a' },
      { name: 'cloze', shots: [0, 2] },
      { name: 'emoji-caption' },
      { name: 'world-caption' },
    ]);
    expect(evaluation.tasks.map((task) => shotsOf(task, evaluation))).toEqual([
      [0, 4],
      [0, 2],
      [0, 4],
      [0, 4],
    ]);
    expect(load('tasks: [{task: cloze, shots: [1]}]').hash).not.toBe(load('tasks: [cloze]').hash);
  });

  it('needs examples of own data only where that data is asked with shots', () => {
    const mine = (shots: string) => `{${coco('val')}, name: mine, shots: ${shots}}`;
    expect(load(`shots: [0, 4], tasks: [${mine('[0]')}]`).evaluation.tasks[0]).toMatchObject({ shots: [0] });
    expect(problems(`tasks: [${mine('[0, 1]')}]`)[0]).toContain('mine has no examples, and 1 shots need some');
  });

  it('is part of the plan with each of its settings', () => {
    const task = `{${coco('val')}, name: mine}`;
    const some = [
      '',
      'shots: [0, 1]',
      'demonstration_seeds: 2',
      'items: 9',
      'prompts: {cloze: "So: {question}"}',
      `tasks: [${task}]`,
    ];
    expect(new Set(some.map((evaluation) => load(evaluation).hash)).size).toBe(some.length);
  });

  it("of a group asks mm1's own tasks of it on concepts that were trained on", () => {
    expect(names('tasks: [captioning]')).toEqual(['emoji-caption', 'world-caption']);
    expect(names('tasks: [cloze, vqa]')).toEqual([
      'cloze',
      'emoji-question',
      ...['string', 'count', 'chart', 'dial', 'relation', 'colour', 'shape', 'binding', 'dense', 'thing', 'crowd'].map(
        (s) => `world-${s}`,
      ),
    ]);
    expect(names('tasks: [textcore]')).toEqual(['definition', 'is-a', 'antonym', 'cloze', 'speech-bits']);
  });
});

describe("somebody's own tasks", () => {
  it('know what they ask, and their files', () => {
    const own = `{${coco('val')}, name: my-captions}, {name: vqa-v2.val, ${vqa('val')}}`;
    expect(load(`tasks: [${own}]`).evaluation.tasks).toEqual([
      { name: 'my-captions', kind: 'caption', source: source('val') },
      {
        name: 'vqa-v2.val',
        kind: 'question',
        source: {
          source: '{"vqa":{"annotations":"val-answers.json","images":"val","questions":"val.json"}}',
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      },
    ]);
  });

  it('have examples where shots are asked for, and are the same task without them where none are', () => {
    const task = `{${coco('val')}, name: mine, examples: {${coco('train')}}}`;
    expect(load(`shots: [0, 4], tasks: [${task}]`).evaluation.tasks).toEqual([
      { name: 'mine', kind: 'caption', source: source('val'), examples: source('train') },
    ]);
    expect(load(`tasks: [${task}]`).hash).toBe(load(`tasks: [{${coco('val')}, name: mine}]`).hash);
  });

  it.each(['val.json', 'val/1.jpg', 'train.json', 'train/1.jpg'])('another %s is another plan', (changed) => {
    const grid = `shots: [1], tasks: [{${coco('val')}, name: mine, examples: {${coco('train')}}}]`;
    const before = load(grid).hash;
    expect(load(grid).hash).toBe(before);
    writeFileSync(join(folder, changed), `other content of ${changed}`);
    expect(load(grid).hash).not.toBe(before);
  });

  const val = coco('val');
  const faults: [name: string, tasks: string, expected: string][] = [
    [
      'a number',
      '7',
      '2:22: evaluation.tasks, value 1, must be a task, a group of tasks, either with shots of its own',
    ],
    [
      'an unknown task with shots',
      '{task: clozes, shots: [0]}',
      '2:29: evaluation.tasks.task has the unknown value "clozes": did you mean "cloze"?',
    ],
    [
      'no shots',
      '{task: cloze, shots: []}',
      '2:43: evaluation.tasks.shots must be a list of whole numbers of at least 0',
    ],
    [
      'shots twice',
      '{task: cloze, shots: [1, 1]}',
      'evaluation.tasks.shots must be a list of whole numbers of at least 0',
    ],
    ['a name for a task of mm1', '{task: cloze, name: mine}', 'evaluation.tasks, value 1, has a task of mm1'],
    ['nothing', 'is-a, ~', '2:28: evaluation.tasks, value 2, must be a task, a group'],
    ['no format', '{name: mine}', '2:22: evaluation.tasks, value 1, must be a task, a group'],
    ['two formats', `{${val}, text: a, name: mine}`, '2:22: evaluation.tasks, value 1, must be a task, a group'],
    ['no name', `{${val}}`, '2:22: evaluation.tasks.name is missing'],
    [
      'a name of two words',
      `{${val}, name: my captions}`,
      'evaluation.tasks.name must be a name of at most 60 lower-case letters',
    ],
    ['a long name', `{${val}, name: ${'x'.repeat(61)}}`, 'evaluation.tasks.name must be a name of at most 60'],
    [
      "a task's name",
      `{name: cloze, ${val}}`,
      `2:29: evaluation.tasks.name must be another name: this one is mm1's own; it is "cloze"`,
    ],
    ["a group's name", `{name: vqa, ${val}}`, '2:29: evaluation.tasks.name must be another name'],
    ["a prompt's name", `{name: caption, ${val}}`, '2:29: evaluation.tasks.name must be another name'],
    ["a name of every object's", `{name: constructor, ${val}}`, '2:29: evaluation.tasks.name must be another name'],
    [
      'an escape',
      '{coco: "a\\eb", name: mine}',
      '2:22: evaluation.tasks, value 1, must hold neither control characters',
    ],
    [
      'examples that are no map',
      `{name: mine, ${val}, examples: train}`,
      'evaluation.tasks.examples must be one format with its',
    ],
    ['a corpus', '{corpus: flags, name: mine}', '2:22: evaluation.tasks: unknown format "corpus": valid: webdataset'],
    [
      'an unknown format',
      '{cocoa: {}, name: mine}',
      '2:22: evaluation.tasks: unknown format "cocoa": did you mean "coco"?',
    ],
    [
      'a format of text',
      '{text: notes.txt, name: mine}',
      '2:22: evaluation.tasks: text gives text data, and not caption or question.',
    ],
    [
      'files that are not there',
      '{coco: {annotations: a.json, images: val}, name: mine}',
      '2:22: evaluation.tasks: 1 of 1 data files missing: a.json',
    ],
  ];
  it.each(faults)('with %s', (_, tasks, expected) => {
    const found = problems(`tasks: [${tasks}]`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it.each([
    [
      'none',
      '',
      '2:34: evaluation.tasks: the task mine has no examples, and 4 shots need some: name files of the same kind',
    ],
    ['of another kind', `, examples: {${vqa('train')}}`, 'evaluation.tasks: vqa gives question data, and not caption.'],
    ['that are not there', `, examples: {${coco('test')}}`, 'evaluation.tasks: 1 of 1 data files missing: test.json'],
    ['that are asked', `, examples: {${val}}`, 'evaluation.tasks: the examples of mine are the items that it asks'],
  ])('with examples: %s', (_, examples, expected) => {
    const found = problems(`shots: [4], tasks: [{name: mine, ${val}${examples}}]`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('are told at the examples themselves', () => {
    const [found] = problems(`tasks: [{name: mine, ${val}, examples: {coco: {}}}]`);
    expect(found).toContain(
      `2:${`evaluation: {tasks: [{name: mine, ${val}, examples: `.length + 1}: evaluation.tasks: coco.`,
    );
  });

  it.each([
    ['twice', 'cloze, is-a, cloze', '2:35: evaluation.tasks has "cloze" twice'],
    ['in a group', 'cloze, textcore', '2:29: evaluation.tasks has "cloze" twice: it is one of textcore'],
    ['after its group', 'textcore, cloze', '2:32: evaluation.tasks has "cloze" twice: it is one of textcore'],
    ['of somebody', `{name: mine, ${val}}, {name: mine, ${vqa('val')}}`, 'evaluation.tasks has "mine" twice'],
  ])('and others are asked once: %s', (_, tasks, expected) => {
    const found = problems(`tasks: [${tasks}]`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
    expect(found[0]?.endsWith(expected.slice(expected.indexOf('evaluation')))).toBe(true);
  });
});

describe('prompts', () => {
  it("are by their names, or an own task's", () => {
    const prompts =
      'caption: "{image}A photo of", cloze: "Read:\\n{question}", mine: "{image}Say {question} or {question}:"';
    expect(load(`tasks: [{name: mine, ${vqa('val')}}], prompts: {${prompts}}`).evaluation.prompts).toEqual({
      caption: '{image}A photo of',
      cloze: 'Read:\n{question}',
      mine: '{image}Say {question} or {question}:',
    });
  });

  it.each([
    ['captoin: "{image}"', '2:24: evaluation.prompts: unknown prompt "captoin": did you mean "caption"?'],
    ['emoji-caption: "{image}"', '2:24: evaluation.prompts: unknown prompt "emoji-caption": '],
    ['toString: "{image}"', '2:24: evaluation.prompts: unknown prompt "toString": '],
    ['min: "{image}"', '2:24: evaluation.prompts: unknown prompt "min": did you mean "mine"?'],
    ['caption: 3', '2:33: evaluation.prompts.caption must be text, but is 3'],
    ['caption: "A photo of"', '2:33: evaluation.prompts.caption must hold {image}; it is "A photo of"'],
    ['question: "{image}What?"', '2:34: evaluation.prompts.question must hold {question}; it is "{image}What?"'],
    ['mine: "{image}What?"', '2:30: evaluation.prompts.mine must hold {question}'],
    [
      'caption: "{image}{question}"',
      '2:33: evaluation.prompts.caption must not hold {question}: what it asks has none',
    ],
    ['cloze: "{image}{question}"', '2:31: evaluation.prompts.cloze must not hold {image}'],
    ['caption: "{image} and {image}"', '2:33: evaluation.prompts.caption has {image} twice'],
    [
      'caption: "{IMAGE} of"',
      '2:33: evaluation.prompts.caption has the unknown placeholder "{IMAGE}": did you mean "{image}"?',
    ],
    ['caption: "{image}{}"', '2:33: evaluation.prompts.caption has the unknown placeholder "{}": '],
    ['caption: "{image}\\t"', '2:33: evaluation.prompts.caption must hold no control characters but \\n'],
    ['caption: "{image}\\u0085"', '2:33: evaluation.prompts.caption must hold no control characters'],
  ])('%s', (prompts, expected) => {
    const found = problems(`prompts: {${prompts}}, tasks: [{name: mine, ${vqa('val')}}]`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('of a task whose files are not there are checked as far as they can be', () => {
    const task = '{name: mine, coco: {annotations: a.json, images: val}}';
    expect(problems(`tasks: [${task}], prompts: {mine: "{question}"}`)).toHaveLength(1);
    expect(problems(`tasks: [${task}], prompts: {mine: "{q}"}`)).toHaveLength(2);
  });
});

describe('pictures of many shots', () => {
  const shown = (shots: number, pictures: number, tokens: number, room: number) =>
    `${shots} shots show ${pictures} pictures of ${tokens} tokens, and a training sequence of this variant has room for ${room} positions`;

  it('have to fit into what a training sequence has room for', () => {
    // At nano 128 + 6 x 144 positions: 6 pictures.
    expect(load('shots: [0, 5]').evaluation.shots).toEqual([0, 5]);
    expect(problems('shots: [0, 8, 6, 4]')).toEqual([
      `2:25: ${shown(8, 9, 144, 992)}: at most 5 shots, or data.images: 9`,
      `2:28: ${shown(6, 7, 144, 992)}: at most 5 shots, or data.images: 7`,
    ]);
    expect(load('shots: [8]', 'base: {data: {images: 9}}\n').evaluation.shots).toEqual([8]);
  });

  it('are counted for every variant: an axis is as it was', () => {
    const axis = 'axes: {connector.tokens: [64, 144]}\n';
    expect(problems('shots: [7]', axis)).toEqual([
      `2:22: ${shown(7, 8, 144, 992)}: at most 5 shots, or data.images: 8`,
    ]);
    expect(problems('shots: [9]', axis)).toEqual([
      `2:22: ${shown(9, 10, 64, 512)}: at most 7 shots, or data.images: 8`,
      `2:22: ${shown(9, 10, 144, 992)}: at most 5 shots, or data.images: 10`,
    ]);
    expect(load('shots: [5]', axis).axes).toEqual([{ path: 'connector.tokens', values: [64, 144] }]);
  });

  it('that a model which was trained on text alone has no room for, at the setting that says so', () => {
    const text = 'base: {data: {caption: 0, interleaved: 0, images: 0}}\n';
    const sentence = `0 shots show 1 picture of 144 tokens, and a training sequence of this variant has room for 128 positions: data.images: 1`;
    expect(problems('', text)).toEqual([`3:51: ${sentence}`]);
    expect(problems('shots: [0]', text)).toEqual([`2:22: ${sentence}`]);
  });

  it('are none of text alone', () => {
    expect(load('tasks: [textcore], shots: [0, 64]').evaluation.shots).toEqual([0, 64]);
    expect(problems(`tasks: [textcore, world-dial], shots: [0, 64]`)).toHaveLength(1);
    const own = `tasks: [{name: mine, ${coco('val')}, examples: {${coco('train')}}}]`;
    expect(problems(`${own}, shots: [64]`)).toHaveLength(1);
  });

  it('are not counted with settings that are wrong', () => {
    expect(problems('shots: [8]', 'base: {data: {images: -1}}\n')).toHaveLength(1);
    expect(problems('shots: [8]', 'base: {connector: {tokens: 3}}\n')).toHaveLength(1);
  });

  it('have to fit into what a checkpoint was trained on, where it says so', () => {
    const checkpoint = { sha256: '0'.repeat(64), sizes: { max_position_embeddings: 512 } };
    const recipe = { ...defaultRecipe('nano'), language_model: { checkpoint } };
    const breaches = checkShots(recipe, { tasks: [{ name: 'emoji-caption' }], shots: [0, 2, 3] });
    expect(breaches.map(({ message }) => message)).toEqual([
      '3 shots show 4 pictures of 144 tokens, and the language model of this variant has room for 512 positions: at most 2 shots',
    ]);
  });
});

it('everything that is wrong is told at once', () => {
  const evaluation = `tasks: [cloz, world-dens, world-dense, {${coco('away')}, name: mine}], shots: [-1, 8], items: 0, prompts: {question: "{q}", own: ""}`;
  expect(
    problems(evaluation, 'axes: {encoder.resolution: [wide]}\n').map((line) => line.replace(/^\d+:\d+: /, '')),
  ).toEqual([
    expect.stringContaining('has the unknown value "cloz": did you mean "cloze"?'),
    expect.stringContaining('has the unknown value "world-dens": did you mean "world-dense"?'),
    expect.stringContaining('data files missing: away.json'),
    expect.stringContaining('the task mine has no examples'),
    expect.stringContaining('evaluation.shots, value 1, must be at least 0'),
    expect.stringContaining('8 shots show 9 pictures'),
    expect.stringContaining('evaluation.items must be greater than 0'),
    expect.stringContaining('evaluation.prompts.question has the unknown placeholder "{q}"'),
    expect.stringContaining('evaluation.prompts: unknown prompt "own"'),
    expect.stringContaining('encoder.resolution must be a finite number'),
  ]);
});
