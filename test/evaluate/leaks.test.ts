import { describe, expect, it } from 'vitest';
import { TASK_NAMES, type TaskName } from '../../src/config/tasks.js';
import { CORPORA } from '../../src/data/corpora/index.js';
import type { SourceDocument } from '../../src/data/sources/source.js';
import { demonstrationsFor } from '../../src/evaluate/demonstrations.js';
import { promptOf } from '../../src/evaluate/prompts/compose.js';
import { IMAGE, PROMPTS, QUESTION } from '../../src/evaluate/prompts/templates.js';
import type { DrawnItem, Item } from '../../src/evaluate/tasks/task.js';
import { askedTask, type DrawnTask, drawAll } from './asked.js';
import { plain } from './tasks/place.js';

// No answer can be read off what stands beside it. A picture's id is no part of what a model reads.

const SHOTS = [1, 4, 8];
const SEEDS = 3;
const CONCEPTS = 48;
const drawn = await drawAll({ concepts: CONCEPTS, items: 400, demonstrations: 128 });

/**
 * Words that a question must say although they are its answer:
 * - a passage of `cloze` holds its last word before, so that the passage decides: it must not stand at its end;
 * - a text of `speech-bits` is itself what is measured, and has no answer.
 * - a prompt of `is-a` asks for a kind in these words, of every noun alike, and once it is `kind` that is right.
 * No other task may say its answer.
 */
const MUST_SAY: Partial<Record<TaskName, (prompt: string, answer: string) => boolean>> = {
  cloze: (prompt, answer) => !prompt.endsWith(` ${answer}`),
  'is-a': (prompt, answer) => answer === 'kind' && prompt.split(answer).length === 2,
};

/** Whether a text holds another as whole words, whatever the case. */
function says(text: string, words: string): boolean {
  const escaped = words.toLowerCase().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'u').test(text.toLowerCase());
}

/** Items whose prompts tell one of their right answers. */
function leaksOf({ name, task, asked }: DrawnTask, template = PROMPTS[task.prompt]!): DrawnItem[] {
  const allowed = MUST_SAY[name] ?? (() => false);
  return asked.filter((item) => {
    const parts = promptOf(template, { image: item.image?.id ?? null, question: item.question });
    const prompt = parts.flatMap((part) => ('text' in part ? [part.text] : [])).join(' ');
    return item.references.some(
      (answer) => says(prompt, answer) && !allowed(prompt.toLowerCase(), answer.toLowerCase()),
    );
  });
}

/** The task with each answer put into its question, as somebody's careless task might have it. */
function leaked(drawn: DrawnTask): DrawnTask {
  const asked = drawn.asked.map((item) => ({
    ...item,
    question: `${item.question} (${item.references[0]}) or ${item.references[0]}`,
  }));
  return { ...drawn, asked };
}

it('every built-in task is looked at', () => {
  expect(drawn.map(({ name }) => name)).toEqual(TASK_NAMES);
  for (const { asked } of drawn) expect(asked.length).toBeGreaterThan(15);
});

describe.each(drawn)('$name', (each) => {
  const { name, task, asked } = each;
  const template = PROMPTS[task.prompt]!;

  it('tells no answer in its prompt', () => {
    expect(leaksOf(each).map(({ id }) => id)).toEqual([]);
  });

  it.skipIf(task.answer === 'measured')('would be found out if it did', () => {
    // A prompt without a question is given one.
    const asking = template.includes(QUESTION) ? template : `${IMAGE}${QUESTION} ${template.replace(IMAGE, '')}`;
    expect(leaksOf(leaked(each), asking)).toHaveLength(asked.length);
    const [first, ...others] = asked;
    const one = { ...each, asked: [...others, ...leaked({ ...each, asked: [first!] }).asked] };
    expect(leaksOf(one, asking).map(({ id }) => id)).toEqual([first!.id]);
  });

  it.skipIf(task.answer === 'measured')('shows no query anything of its own concept, nor itself', () => {
    const { items, demonstrations } = askedTask(each, Math.max(...SHOTS), SEEDS);
    expect(items.length).toBe(asked.length);
    for (const lists of demonstrations) {
      for (const shots of SHOTS)
        for (const item of items) expect(related(item, demonstrationsFor(item, lists, shots))).toEqual([]);
    }
  });

  it.skipIf(task.group === 'vqa' || name === 'cloze' || task.answer === 'measured')(
    'shows no answer that is right for the query',
    () => {
      // Questions about pictures have few answers: theirs come again. Those of texts and captions do not.
      const { items, demonstrations } = askedTask(each, Math.max(...SHOTS), SEEDS);
      for (const item of items) {
        for (const lists of demonstrations) {
          const answers = demonstrationsFor(item, lists, 8).flatMap(({ references }) => references);
          expect(answers.filter((answer) => item.references.includes(answer))).toEqual([]);
        }
      }
    },
  );
});

/** Demonstrations that are about what an item is about. */
function related(item: Item, shown: readonly Item[]): Item[] {
  return shown.filter(
    ({ id, concept, image }) => id === item.id || concept === item.concept || (image !== null && image === item.image),
  );
}

it('a demonstration of the query itself, or of its picture, is found out', () => {
  const [item, other] = plain(drawn[0]!.asked) as [Item, Item];
  expect(related(item, [other, item])).toEqual([item]);
  expect(related(item, [{ ...other, concept: item.concept }])).toHaveLength(1);
  expect(related(item, [{ ...other, image: item.image }])).toHaveLength(1);
});

describe('no picture or scene that is asked about is in a training document', () => {
  const pictured = drawn.filter(({ asked }) => asked[0]!.image !== null);
  const asked = new Set(pictured.flatMap((each) => each.asked.map(({ image }) => image!.id)));
  const names = CORPORA.map(({ name }) => name).filter((name) => /^(emoji|world)/.test(name));

  it('of all tasks with pictures', () => {
    expect(pictured.map(({ name }) => name)).toEqual(TASK_NAMES.filter((name) => /^(emoji|world)/.test(name)));
    expect(names.length).toBeGreaterThan(10);
  });

  it.each(names)('%s', async (name) => {
    const corpus = CORPORA.find((each) => each.name === name)!;
    const source = corpus.open('train', '', { concepts: CONCEPTS });
    let documents = 0;
    for await (const document of source.documents()) {
      // The world's documents are drawn from their ids, which say their side: some stand for all.
      if (documents++ === 1500) break;
      for (const id of shownIn(document)) expect(asked.has(id), id).toBe(false);
      expect(document.id).not.toContain('held-out');
    }
    expect(documents > 0).toBe(name !== 'emoji-openmoji'); // all that the held-out vendor drew is held out
  });

  it('and would be found out', async () => {
    const found = new Set<string>();
    const source = CORPORA.find(({ name }) => name === 'emoji')!.open('held-out', '', { concepts: CONCEPTS });
    for await (const document of source.documents())
      for (const id of shownIn(document)) if (asked.has(id)) found.add(id);
    expect(found.size).toBeGreaterThan(40);
  });
});

function shownIn(document: SourceDocument): string[] {
  switch (document.kind) {
    case 'text':
      return [];
    case 'interleaved':
      return document.pieces.flatMap((piece) => ('image' in piece ? [piece.image.id] : []));
    default:
      return [document.image.id];
  }
}
