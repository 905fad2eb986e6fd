import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadGrid, type Overrides } from '../../src/config/load.js';
import { Mm1Error } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-bad-'));
const file = join(folder, 'grid.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function fault(path: string, overrides?: Overrides): Mm1Error {
  try {
    loadGrid(path, overrides);
  } catch (error) {
    if (error instanceof Mm1Error) return error;
    throw error;
  }
  throw new Error('the grid was accepted');
}

/** All problems of a grid's text: "line:column: message", or the option's name in place of line and column. */
function problems(text: string, overrides?: Overrides): string[] {
  writeFileSync(file, text);
  const error = fault(file, overrides);
  expect(error.code).toBe('E_GRID');
  expect(error.status).toBe(1);
  const heads = error.message.split('\n').filter((line) => line.startsWith(`${file}:`) || line.startsWith('--'));
  expect(error.message).toMatch(heads.length === 1 ? /^1 problem in / : new RegExp(`^${heads.length} problems in `));
  return heads.map((line) => line.replace(`${file}:`, ''));
}

const seeds = 'seeds: [0]\n';

describe('one fault, at its place', () => {
  const cases: readonly [name: string, text: string, expected: string][] = [
    ['unknown key', `${seeds}scael: nano\n`, '2:1: unknown key "scael": did you mean "scale"?'],
    ['unknown group', `${seeds}base:\n  encodr: {}\n`, '3:3: unknown key "encodr": did you mean "encoder"?'],
    [
      'unknown key in base',
      `${seeds}base:\n  encoder: {modle: vit-l}\n`,
      '3:13: unknown key "modle": did you mean "model"?',
    ],
    [
      'unknown key, none near',
      `${seeds}base: {data: {xylophone: 1}}\n`,
      '2:15: unknown key "xylophone": valid: caption, interleaved, text, question, vecap, caption_from',
    ],
    [
      'unknown axis',
      `${seeds}axes:\n  connector.token: [64]\n`,
      '3:3: axes: unknown setting "connector.token": did you mean "connector.tokens"?',
    ],
    [
      'axis without its group',
      `${seeds}axes:\n  resolution: [224]\n`,
      '3:3: axes: unknown setting "resolution": did you mean "encoder.resolution"?',
    ],
    [
      'axis that is a group',
      `${seeds}axes:\n  data: [1]\n`,
      '3:3: axes: unknown setting "data": it is a group; an axis is one of data.caption, data.interleaved, data.text',
    ],
    [
      'unknown axis value',
      `${seeds}axes:\n  connector.type: [average-pool, c-abstracter]\n`,
      '3:34: connector.type has the unknown value "c-abstracter": did you mean "c-abstractor"?',
    ],
    [
      'axis value of a wrong type',
      `${seeds}axes:\n  connector.type: [average-pool, 3]\n`,
      '3:34: connector.type must be average-pool or attention-pool or c-abstractor or linear or mlp or resampler or pixel-shuffle, but is 3',
    ],
    [
      'text for a number',
      `${seeds}axes:\n  encoder.resolution: ["336"]\n`,
      '3:24: encoder.resolution must be a finite number, but is "336"',
    ],
    ['empty axis value', `${seeds}axes:\n  encoder.seed:\n    - 1\n    -\n`, 'encoder.seed must be'],
    [
      'list for an axis value',
      `${seeds}axes:\n  encoder.seed: [[1]]\n`,
      '3:18: encoder.seed must be a seed, or trial: each trial seed then has a training of its own; it is a list',
    ],
    [
      'resolution no multiple of the patch',
      `${seeds}base: {encoder: {resolution: 337}}\n`,
      '2:30: a resolution of 337 px is no multiple of the patch of 14 px; the nearest: 336, 350',
    ],
    [
      'resolution on an axis',
      `${seeds}axes: {encoder.resolution: [336, 340]}\n`,
      '2:34: a resolution of 340 px is no multiple of the patch of 14 px; the nearest: 336, 350',
    ],
    [
      'resolution of zero',
      `${seeds}axes: {encoder.resolution: [0]}\n`,
      '2:29: encoder.resolution must be greater than 0, but is 0',
    ],
    [
      'resolution with a fraction',
      `${seeds}axes: {encoder.resolution: [33.6]}\n`,
      '2:29: encoder.resolution must be a whole number, but is 33.6',
    ],
    [
      'tokens no square',
      `${seeds}axes: {connector.tokens: [64, 150]}\n`,
      '2:31: connector.tokens must be a square, since visual tokens form a square grid; the nearest are 144 and 169; it is 150',
    ],
    [
      'tokens negative',
      `${seeds}base: {connector: {tokens: -4}}\n`,
      '2:28: connector.tokens must be greater than 0, but is -4',
    ],
    [
      'more tokens than patches',
      `${seeds}axes: {connector.tokens: [64, 400], encoder.resolution: [224, 336]}\n`,
      '2:31: 400 visual tokens are more than the 256 patches (16 x 16) of a 224-px picture with patches of 14 px',
    ],
    ['axis no list', `${seeds}axes: {encoder.seed: 3}\n`, '2:22: axis encoder.seed must be a list of values, but is 3'],
    [
      'empty axis',
      `${seeds}axes: {encoder.seed: []}\n`,
      '2:22: axis encoder.seed is an empty list: give at least one value',
    ],
    [
      'axis without a value',
      `${seeds}axes:\n  encoder.seed:\n`,
      '3:3: axis encoder.seed must be a list of values, but is empty',
    ],
    ['duplicate axis value', `${seeds}axes: {encoder.seed: [1, 2, 1]}\n`, '2:29: axis encoder.seed has 1 twice'],
    [
      'axis given twice',
      `${seeds}axes:\n  encoder.seed: [1]\n  encoder.seed: [2]\n`,
      '4:3: "encoder.seed" is given twice, first on line 3',
    ],
    ['key given twice', `${seeds}seeds: [1]\n`, '2:1: "seeds" is given twice, first on line 1'],
    ['duplicate seed', 'seeds: [0, 1, 0]\n', '1:15: seeds has 0 twice'],
    ['no seeds', 'scale: nano\n', '1:1: seeds is missing'],
    ['empty seeds', 'seeds: []\n', '1:8: seeds is an empty list: give at least one value'],
    ['negative seed', 'seeds: [-1]\n', '1:9: seeds, value 1, must be at least 0, but is -1'],
    ['seed too large', 'seeds: [2147483648]\n', '1:9: seeds, value 1, must be at most 2147483647, but is 2147483648'],
    ['seed with a fraction', 'seeds: [0.5]\n', '1:9: seeds, value 1, must be a whole number, but is 0.5'],
    ['negative weight', `${seeds}base: {data: {text: -1}}\n`, '2:21: data.text must be at least 0, but is -1'],
    [
      'weights all zero',
      `${seeds}base: {data: {caption: 0, interleaved: 0}}\naxes: {data.text: [0, 1]}\n`,
      '3:20: the weights of caption, interleaved, text and question are all 0: there is nothing to train on',
    ],
    [
      'infinite weight',
      `${seeds}base: {data: {text: .inf}}\n`,
      '2:21: data.text must be a finite number, but is Infinity',
    ],
    [
      'warm-up longer than the training',
      `${seeds}base: {training: {steps: 10}}\n`,
      '2:26: a warm-up of 30 steps is longer than the training of 10',
    ],
    ['unknown scale', `${seeds}scale: mano\n`, '2:8: scale has the unknown value "mano": did you mean "nano"?'],
    [
      'unknown design',
      `${seeds}design: latin\n`,
      '2:9: design has the unknown value "latin": valid: full, one-at-a-time, fraction',
    ],
    [
      'unknown task',
      `${seeds}evaluation: {tasks: [emoji-captions]}\n`,
      '2:22: evaluation.tasks, value 1, has the unknown value "emoji-captions": did you mean "emoji-caption"?',
    ],
    [
      'duplicate task',
      `${seeds}evaluation: {tasks: [emoji-caption, emoji-caption]}\n`,
      '2:37: evaluation.tasks has "emoji-caption" twice',
    ],
    [
      'unknown task, none near',
      `${seeds}evaluation: {tasks: [xylophone]}\n`,
      'has the unknown value "xylophone": valid: emoji-caption, emoji-question,',
    ],
    ['negative shots', `${seeds}evaluation: {shots: [0, -4]}\n`, '2:25: evaluation.shots, value 2, must be at least 0'],
    ['half shots', `${seeds}evaluation: {shots: [0.5]}\n`, '2:22: evaluation.shots, value 1, must be a whole number'],
    ['duplicate shots', `${seeds}evaluation: {shots: [4, 0, 4]}\n`, '2:28: evaluation.shots has 4 twice'],
    ['no shots', `${seeds}evaluation: {shots: []}\n`, '2:21: evaluation.shots is an empty list'],
    ['no tasks', `${seeds}evaluation: {tasks: []}\n`, '2:21: evaluation.tasks is an empty list'],
    ['no list', `${seeds}evaluation: {tasks: vqa}\n`, '2:21: evaluation.tasks must be a list, but is "vqa"'],
    [
      'no demonstration seeds',
      `${seeds}evaluation: {demonstration_seeds: 0}\n`,
      '2:35: evaluation.demonstration_seeds must be greater than 0, but is 0',
    ],
    [
      'unknown key of the evaluation',
      `${seeds}evaluation: {demonstration_seed: 3}\n`,
      '2:14: unknown key "demonstration_seed": did you mean "demonstration_seeds"?',
    ],
    [
      'no patches',
      `${seeds}base: {encoder: {keep_patches: 0}}\n`,
      '2:32: encoder.keep_patches must be greater than 0, but is 0',
    ],
    ['no items', `${seeds}evaluation: {items: 0}\n`, '2:21: evaluation.items must be greater than 0, but is 0'],
    ['empty group', `${seeds}base:\n  encoder:\n`, '3:3: encoder must be a map of settings, but is empty'],
    ['a list', '- 1\n', '1:1: the grid must be a map, but is a list'],
    ['a word', 'hello\n', '1:1: the grid must be a map, but is "hello"'],
    ['empty file', '', '1:1: the file is empty'],
    ['comments alone', '# nothing\n', '1:1: the file is empty'],
    ['several documents', `${seeds}---\n${seeds}`, '2:1: the file holds several documents: a grid is one'],
    ['tab', `${seeds}base:\n\tdata: {}\n`, '3:1: Tabs are not allowed as indentation'],
    ['unknown tag', 'seeds: !!js/eval "1"\n', '1:8: Unresolved tag: tag:yaml.org,2002:js/eval'],
    ['alias to nothing', 'seeds: *none\n', '1:8: there is no anchor "&none" before this alias'],
    ['prototype', `${seeds}__proto__: {polluted: 1}\n`, '2:1: unknown key "__proto__": valid: '],
    ['name with control characters', `${seeds}name: "a\\e[31m"\n`, '2:7: name must be text of 1 to 80 characters'],
  ];

  test.each(cases)('%s', (_, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });
});

test('everything that is wrong is told at once, in the order of the file', () => {
  const found = problems(`sedes: [0]
seeds: [0, 0]
base:
  encoder: {modle: vit-l}
  data: {text: -1}
axes:
  connector.type: [q-former, c-abstractor]
  connector.tokens: [64, 1024]
  encoder.patch: []
evaluation: {shots: [8]}
`);
  expect(found.map((line) => line.split(' ')[0])).toEqual([
    '1:1:',
    '2:12:',
    '4:13:',
    '5:16:',
    '7:20:',
    '9:18:',
    '10:22:',
  ]);
  // The number of patches hangs on settings that are wrong themselves: 1024 tokens are not judged by a guess.
});

test('rules are checked on valid values beside wrong ones', () => {
  const found = problems(`${seeds}axes: {encoder.resolution: [337, wide], connector.tokens: [64, 400]}\n`);
  expect(found).toHaveLength(2);
  expect(found[0]).toContain('2:29: a resolution of 337 px');
  expect(found[1]).toContain('2:34: encoder.resolution must be');
});

test('a problem shows the line itself with carets under the fault', () => {
  writeFileSync(file, `${seeds}base:\n  encoder: {model: vit-x}\n`);
  expect(fault(file).format()).toBe(`E_GRID: 1 problem in ${file}

${file}:3:20: encoder.model has the unknown value "vit-x": did you mean "vit-b"?
    3 |   encoder: {model: vit-x}
      |                    ^^^^^

  Nothing was started: mend the grid and run the same command again.`);
});

test('control characters of a file never reach the terminal', () => {
  const escapeCode = String.fromCharCode(27);
  writeFileSync(file, `${seeds}"${escapeCode}[2J": 1 # ${escapeCode}[31m\n`);
  expect(fault(file).format()).not.toContain(escapeCode);
});

describe('attacks on the parser', () => {
  test('an alias bomb', () => {
    const levels = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]'];
    for (let level = 1; level < 9; level++) {
      const [before, name] = ['abcdefghi'[level - 1], 'abcdefghi'[level]];
      levels.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
    }
    expect(problems(`${seeds}${levels.join('\n')}\n`)).toEqual([
      '3:8: aliases (*name) expand to more than a grid can hold: write the values out',
    ]);
  });

  test.each([
    ['lists', '['],
    ['sequences', '- '],
    ['maps', '{a: '],
    ['keys', '? '],
  ])('%s without end in each other', (_, piece) => {
    expect(problems(`seeds:\n  ${piece.repeat(200_000)}`)).toEqual(['1:1: the file nests deeper than 64 levels']);
  });

  test('an alias to its own list', () => {
    expect(problems(`${seeds}axes: {encoder.seed: &s [*s]}\n`)[0]).toContain('encoder.seed must be a seed, or trial');
  });

  test('sixty thousand unknown keys: counted, and the first hundred shown', () => {
    writeFileSync(file, seeds + Array.from({ length: 60_000 }, (_, index) => `key${index}: 1`).join('\n'));
    const { message } = fault(file);
    expect(message).toMatch(/^60000 problems in /);
    expect(message).toContain('... and 59900 more');
  });

  test('more than 10,000 variants', () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => index).join(', ');
    const axes = `encoder.seed: [${numbers(101)}]\n  language_model.seed: [${numbers(100)}]`;
    expect(problems(`${seeds}axes:\n  ${axes}\n`)).toEqual([
      '2:1: the axes span 10100 variants, and a grid has at most 10000',
    ]);
  });
});

describe('the command line in place of the file', () => {
  test.each<[string, Overrides, string]>([
    ['an unknown scale', { scale: 'smok' }, '--scale: unknown scale "smok": did you mean "smoke"?'],
    ['a negative seed', { seeds: [-1] }, '--seeds: a seed must be at least 0, but is -1'],
    ['a duplicate seed', { seeds: [1, 1] }, '--seeds: the seed 1 is given twice'],
    ['no seed', { seeds: [] }, '--seeds: give at least one seed'],
  ])('%s', (_, overrides, expected) => {
    expect(problems(seeds, overrides)).toEqual([expected]);
  });
});

describe('a file that cannot be read', () => {
  function unreadable(path: string): string {
    const error = fault(path);
    expect(error.code).toBe('E_FILE');
    expect(error.where).toBe(path);
    return `${error.message} | ${error.remedy}`;
  }

  test('missing, with the nearest name', () => {
    writeFileSync(join(folder, 'connector.yaml'), seeds);
    expect(unreadable(join(folder, 'conector.yaml'))).toBe(
      `the grid cannot be read: there is no such file | Did you mean "${join(folder, 'connector.yaml')}"?`,
    );
    expect(unreadable(join(folder, 'no', 'such.yaml'))).toContain('there is no such file');
  });

  test('a folder', () => {
    mkdirSync(join(folder, 'sub.yaml'));
    expect(unreadable(join(folder, 'sub.yaml'))).toContain('it is a folder');
  });

  test('a file where a folder should be', () => {
    writeFileSync(join(folder, 'plain'), '');
    expect(unreadable(join(folder, 'plain', 'grid.yaml'))).toContain('a part of the path is no folder');
  });

  test('binary', () => {
    writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]));
    expect(unreadable(join(folder, 'binary.yaml'))).toContain('it is no UTF-8 text');
    writeFileSync(join(folder, 'nul.yaml'), 'seeds: [0]\0\n');
    expect(unreadable(join(folder, 'nul.yaml'))).toContain('it is no UTF-8 text');
  });

  test('larger than 1 MiB', () => {
    writeFileSync(join(folder, 'huge.yaml'), '#'.repeat(1024 * 1024 + 1));
    expect(unreadable(join(folder, 'huge.yaml'))).toContain('it has 1048577 bytes, and a grid at most 1048576');
  });

  test.skipIf(process.platform === 'win32')('a device or a pipe', () => {
    expect(unreadable('/dev/zero')).toContain('it is no regular file');
    const pipe = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    expect(unreadable(pipe)).toContain('it is no regular file');
  });
});
