import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readQuestions, writeQuestions } from '../../src/evaluate/question-folder.js';
import { askedTask, drawTask } from './asked.js';

const folder = () => mkdtempSync(join(tmpdir(), 'mm1-questions-'));

it('what is written is read again, with every text and picture', async () => {
  const drawn = await Promise.all((['world-binding', 'emoji-question'] as const).map((name) => drawTask(name)));
  const tasks = drawn.map((each) => askedTask(each, 4, 2));
  const at = folder();
  writeQuestions(at, tasks);
  expect(readQuestions(at)).toEqual(tasks);
});

it('a folder that holds no whole file is E_EVALUATION, and says what to do', () => {
  const at = folder();
  const refused = expect.objectContaining({ code: 'E_EVALUATION', where: join(at, 'questions.json') });
  expect(() => readQuestions(at)).toThrow(refused);
  writeQuestions(at, [{ name: 'mine', items: [], demonstrations: [] }]);
  const file = join(at, 'questions.json');
  const text = readFileSync(file, 'utf8');
  for (const damaged of [text.slice(0, -3), '{}', text.replace('"version":1', '"version":2')]) {
    writeFileSync(file, damaged);
    expect(() => readQuestions(at)).toThrow(refused);
  }
});
