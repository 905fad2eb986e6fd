import { describe, expect, it } from 'vitest';
import type { EvaluationSpec } from '../../src/config/plan.js';
import type { TaskName } from '../../src/config/tasks.js';
import { shuffledItems } from '../../src/evaluate/controls.js';
import { demonstrationsFor } from '../../src/evaluate/demonstrations.js';
import { demonstrationsOf, type PromptPart, promptOf, writtenPrompt } from '../../src/evaluate/prompts/compose.js';
import { PROMPTS } from '../../src/evaluate/prompts/templates.js';
import { roundsOf } from '../../src/evaluate/rounds.js';
import { askedTask, drawTask } from './asked.js';

const SHOTS = [0, 4, 8];
const SEEDS = 3;
const evaluation = (change: Partial<EvaluationSpec> = {}): EvaluationSpec => ({
  tasks: [],
  shots: SHOTS,
  demonstration_seeds: SEEDS,
  items: 40,
  prompts: {},
  ...change,
});

const NAMES = ['emoji-caption', 'world-colour', 'definition', 'cloze', 'speech-bits'] as const;
const tasks = new Map(
  await Promise.all(
    NAMES.map(async (name) => {
      const drawn = await drawTask(name);
      const seeds = drawn.task.answer === 'measured' ? 0 : SEEDS;
      return [name, { ...drawn, stored: askedTask(drawn, Math.max(...SHOTS), seeds) }] as const;
    }),
  ),
);

/** A task's rounds by what decides them: "4-shot 1 asked". */
function rounds(name: (typeof NAMES)[number], change: Partial<EvaluationSpec> = {}) {
  const { task, stored } = tasks.get(name)!;
  const found = roundsOf({ name }, task, stored, evaluation(change));
  return new Map(found.map((round) => [`${round.shots}-shot ${round.seed} ${round.condition}`, round]));
}
const pictures = (parts: readonly PromptPart[]) => parts.flatMap((part) => ('image' in part ? [part.image] : []));

describe('rounds', () => {
  it.each(['emoji-caption', 'world-colour', 'definition', 'cloze'] as const)(
    'of %s: every number of shots with every seed, and the controls with the first seed alone',
    (name) => {
      expect([...rounds(name).keys()]).toEqual([
        ...['0-shot 0 asked', '0-shot 0 blind', '0-shot 0 shuffled'],
        ...['4-shot 0 asked', '4-shot 1 asked', '4-shot 2 asked', '4-shot 0 blind', '4-shot 0 shuffled'],
        ...['8-shot 0 asked', '8-shot 1 asked', '8-shot 2 asked', '8-shot 0 blind', '8-shot 0 shuffled'],
      ]);
      expect([...rounds(name, { shots: [2], demonstration_seeds: 1 }).keys()]).toEqual([
        ...['2-shot 0 asked', '2-shot 0 blind', '2-shot 0 shuffled'],
      ]);
    },
  );

  it('of a task with shots of its own: those', () => {
    const { task, stored } = tasks.get('cloze')!;
    const found = roundsOf({ name: 'cloze', shots: [0] }, task, stored, evaluation());
    expect(found.map(({ shots, condition }) => `${shots} ${condition}`)).toEqual(['0 asked', '0 blind', '0 shuffled']);
  });

  it('of what is measured on a text itself: one, without demonstrations and controls', () => {
    const found = rounds('speech-bits');
    expect([...found.keys()]).toEqual(['0-shot 0 asked']);
    const [round] = found.values();
    const { items } = tasks.get('speech-bits')!.stored;
    expect(round!.queries).toEqual(
      items.map(({ question }) => ({ before: [], prompt: [{ text: question }], choices: [] })),
    );
  });

  it.each(['emoji-caption', 'world-colour', 'definition', 'cloze'] as const)(
    'of %s put its own demonstrations before every query, which they are not about',
    (name) => {
      const { task, stored } = tasks.get(name)!;
      const template = PROMPTS[task.prompt]!;
      for (const { shots, seed, condition, queries, lists } of rounds(name).values()) {
        expect(queries).toHaveLength(stored.items.length);
        if (condition !== 'asked') continue;
        stored.items.forEach((item, i) => {
          const shown = shots === 0 ? [] : demonstrationsFor(item, stored.demonstrations[seed]!, shots);
          expect(shown).toHaveLength(shots);
          expect(queries[i]).toEqual({
            before: demonstrationsOf(template, shown),
            prompt: promptOf(template, item),
            choices: task.answer === 'chosen' ? item.choices : [],
          });
          if (shots > 0) expect(stored.demonstrations[seed]![lists[i]!]!.slice(0, shots)).toEqual(shown);
        });
      }
    },
  );

  it('take the second list where a query is about what the first one shows, and only there', () => {
    const { stored } = tasks.get('emoji-caption')!;
    const { lists } = rounds('emoji-caption').get('8-shot 1 asked')!;
    const concepts = stored.demonstrations[1]![0].map(({ concept }) => concept);
    expect(lists).toEqual(stored.items.map(({ concept }) => (concepts.includes(concept) ? 1 : 0)));
    expect(new Set(lists)).toEqual(new Set([0, 1]));
    expect(rounds('emoji-caption').get('0-shot 0 asked')!.lists).toEqual(stored.items.map(() => 0));
  });

  it('of other seeds show others', () => {
    const found = rounds('world-colour');
    const before = [0, 1, 2].map((seed) => writtenPrompt(found.get(`4-shot ${seed} asked`)!.queries[0]!.before));
    expect(new Set(before).size).toBe(3);
    expect(found.get('8-shot 1 asked')!.queries[0]!.before.slice(0, 4)).toEqual(
      found.get('4-shot 1 asked')!.queries[0]!.before.slice(0, 4),
    );
  });
});

describe('controls', () => {
  it.each(['emoji-caption', 'world-colour'] as const)(
    'of %s: blind has no picture, in the query or before it, and all of the text',
    (name) => {
      const found = rounds(name);
      for (const shots of SHOTS) {
        const [asked, blind] = ['asked', 'blind'].map((condition) => found.get(`${shots}-shot 0 ${condition}`)!);
        const texts = (parts: readonly PromptPart[]) =>
          parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('');
        expect(blind!.lists).toEqual(asked!.lists);
        blind!.queries.forEach(({ before, prompt }, i) => {
          const { before: shown, prompt: whole } = asked!.queries[i]!;
          expect(pictures([...before, ...prompt])).toEqual([]);
          expect([pictures(shown).length, pictures(whole).length]).toEqual([shots, 1]);
          expect([texts(before), texts(prompt)]).toEqual([texts(shown), texts(whole)]);
        });
      }
    },
  );

  it('of text: blind has no question, and demonstrations keep theirs', () => {
    const found = rounds('definition');
    const [asked, blind] = ['asked', 'blind'].map((condition) => found.get(`4-shot 0 ${condition}`)!.queries);
    for (const [i, { before, prompt, choices }] of blind!.entries()) {
      expect(before).toEqual(asked![i]!.before);
      expect(choices).toEqual(asked![i]!.choices);
      expect(prompt).toEqual([{ text: PROMPTS.definition!.replace('{question}', '') }]);
    }
  });

  it.each(['emoji-caption', 'world-colour', 'definition'] as const)(
    "of %s: shuffled has another item's picture or question, and its own demonstrations",
    (name) => {
      const { task, stored } = tasks.get(name)!;
      const found = rounds(name);
      const [asked, shuffled] = ['asked', 'shuffled'].map((condition) => found.get(`4-shot 0 ${condition}`)!.queries);
      const others = shuffledItems(stored.items, name);
      for (const [i, { before, prompt, choices }] of shuffled!.entries()) {
        expect(before).toEqual(asked![i]!.before);
        expect(choices).toEqual(asked![i]!.choices);
        expect(prompt).toEqual(promptOf(PROMPTS[task.prompt]!, others[i]!));
        expect(prompt).not.toEqual(asked![i]!.prompt);
      }
    },
  );
});

describe('prompts', () => {
  const first = (name: (typeof NAMES)[number], prompts: EvaluationSpec['prompts']) => {
    const { queries } = rounds(name, { prompts }).get('4-shot 0 asked')!;
    return writtenPrompt([...queries[0]!.before, ...queries[0]!.prompt]);
  };
  const SAYS = 'Look at {image}. {question} I say';

  it("are changed by their kind's name, for every task of the kind, in demonstrations too", () => {
    const { stored } = tasks.get('world-colour')!;
    const [example] = stored.demonstrations[0]![0];
    const prompt = first('world-colour', { question: SAYS });
    expect(prompt).toContain(`Look at <${example!.image}>. ${example!.question} I say ${example!.references[0]}\n`);
    expect(prompt.endsWith(`Look at <${stored.items[0]!.image}>. ${stored.items[0]!.question} I say`)).toBe(true);
    expect(prompt.match(/I say/g)).toHaveLength(5);
    expect(prompt).not.toContain('Short answer');
    expect(first('emoji-caption', { question: SAYS })).toBe(first('emoji-caption', {}));
  });

  it("are changed by the task's own name before its kind's", () => {
    const own = { question: 'Never {image} {question}', 'world-colour': SAYS };
    expect(first('world-colour', own)).toBe(first('world-colour', { question: SAYS }));
    expect(first('definition', { definition: '{question} -' })).toMatch(/ -$/);
  });
});

describe('the record', () => {
  it('keeps the lists of demonstrations that the queries took, as text', () => {
    for (const round of rounds('emoji-caption').values()) {
      const written = round.demonstrations;
      expect(written).toHaveLength(round.shots === 0 ? 0 : 2);
      round.queries.forEach(({ before }, i) => {
        expect(writtenPrompt(before)).toBe(written[round.lists[i]!] ?? '');
      });
    }
  });
});

it('a prompt that nobody has written is a bug', () => {
  const { task, stored } = tasks.get('definition')!;
  const unknown = { ...task, prompt: 'riddle' };
  const name: TaskName = 'definition';
  expect(() => roundsOf({ name }, unknown, stored, evaluation())).toThrow('no prompt is named riddle');
});
