import { describe, expect, it } from 'vitest';
import type { Recipe } from '../../src/config/recipe.js';
import { loadTokenizer } from '../../src/data/tokenizer/index.js';
import { longestPrompt, type Subject } from '../../src/evaluate/ask.js';
import { checkContext } from '../../src/evaluate/context.js';
import { roundsOf } from '../../src/evaluate/rounds.js';
import { multimodalConfig } from '../../src/model/multimodal-config.js';
import { recipe } from '../run/first-update.js';
import { askedTask, drawTask } from './asked.js';

const SHOTS = [0, 2, 4];
const tokenizer = loadTokenizer();
const drawn = await drawTask('world-colour', { items: 12 });
const evaluation = { tasks: [], shots: SHOTS, demonstration_seeds: 2, items: 12, prompts: {} };
const rounds = roundsOf({ name: 'world-colour' }, drawn.task, askedTask(drawn, 4, 2), evaluation);

/** A model that was trained on sequences of as many tokens, pictures included. */
function trainedOn(tokens: number): { own: Recipe; subject: Subject } {
  const data = { ...recipe.data, text_tokens: tokens - 2 * recipe.connector.tokens, images: 2 };
  const own: Recipe = { ...recipe, data };
  const config = multimodalConfig(own, tokenizer.vocabularySize);
  const pictures = { ids: [], shape: [0, 0] as const, read: async () => new Float32Array(), close: async () => {} };
  return { own, subject: { parameters: {}, config, tokenizer, pictures } };
}

/** The longest prompt of some shots, whatever its seed and condition. */
function longest(shots: number): number {
  const { subject } = trainedOn(1000);
  return Math.max(
    ...rounds.filter((round) => round.shots === shots).map(({ queries }) => longestPrompt(queries, subject)),
  );
}

function check(tokens: number): void {
  const { own, subject } = trainedOn(tokens);
  checkContext('world-colour', rounds, subject, own);
}

function refusal(tokens: number): unknown {
  try {
    check(tokens);
    return null;
  } catch (error) {
    return error;
  }
}

describe('a prompt that is longer than what the model was trained on', () => {
  it('is asked where it fits to the last token', () => {
    expect(longest(4)).toBeGreaterThan(longest(2));
    expect(() => check(longest(4))).not.toThrow();
  });

  it('is refused with its length and with the shots that fit', () => {
    const context = longest(4) - 1;
    expect(refusal(context)).toMatchObject({
      code: 'E_CONTEXT',
      where: 'world-colour',
      message: `a prompt of world-colour at 4 shots has ${longest(4)} tokens, and the model was trained on ${context}`,
      remedy: expect.stringMatching(/^At 2 shots the task fits\. /),
    });
    expect(refusal(longest(2) - 1)).toMatchObject({ remedy: expect.stringMatching(/^At 0 shots the task fits\. /) });
  });

  it('is refused where none fits', () => {
    expect(refusal(longest(0) - 1)).toMatchObject({
      remedy: expect.stringMatching(/^At none of the asked numbers of shots it fits\. /),
    });
  });

  it("is measured by a checkpoint's own context where there is one", () => {
    const { own, subject } = trainedOn(20);
    const loaded = (length: number): Recipe => ({
      ...own,
      language_model: { checkpoint: { sha256: '', sizes: { max_position_embeddings: length } } },
    });
    expect(() => checkContext('world-colour', rounds, subject, loaded(longest(4)))).not.toThrow();
    expect(() => checkContext('world-colour', rounds, subject, loaded(longest(4) - 1))).toThrow('trained on');
  });
});
