import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normaliseAnswer, vqaAccuracy } from '../../../src/evaluate/metrics/vqa-accuracy.js';
import { metricCases, readJson } from './golden.js';

interface VqaCase {
  expected: { overall: number; per_question: Record<string, number> };
  normalised_predictions: Record<string, string>;
  normalised_strings: [string, string][];
}

const cases = metricCases((_, folder) => existsSync(join(folder, 'annotations.json')));

describe('VQA accuracy', () => {
  it('finds a golden case', () => {
    expect(cases.length).toBeGreaterThanOrEqual(1);
  });

  describe.each(cases)('golden case %s', (name) => {
    const golden = readJson<VqaCase>(name, 'case.json');
    const results = readJson<{ question_id: number; answer: string }[]>(name, 'results.json');
    const { annotations } = readJson<{ annotations: { question_id: number; answers: { answer: string }[] }[] }>(
      name,
      'annotations.json',
    );
    const answersOf = new Map(annotations.map((row) => [row.question_id, row.answers.map(({ answer }) => answer)]));

    it('agrees with the official scorer for each question and over all', () => {
      const values = results.map(({ question_id: id, answer }) => {
        const value = vqaAccuracy(answer, answersOf.get(id)!);
        expect(Math.abs(value - golden.expected.per_question[id]!), String(id)).toBeLessThan(1e-9);
        return value;
      });
      const overall = (100 * values.reduce((sum, value) => sum + value, 0)) / values.length;
      expect(overall.toFixed(2)).toBe(golden.expected.overall.toFixed(2));
    });

    it('normalises every prediction as the official scorer does', () => {
      for (const { question_id: id, answer } of results) {
        expect(normaliseAnswer(answer)).toBe(golden.normalised_predictions[id]);
      }
    });

    it.each(golden.normalised_strings)('normalises %j', (raw, normalised) => {
      expect(normaliseAnswer(raw)).toBe(normalised);
    });
  });

  it('rises by thirds with the number of people who agree', () => {
    const answers = (yes: number) => Array.from({ length: 10 }, (_, index) => (index < yes ? 'yes' : 'no'));
    expect([0, 1, 2, 3, 4].map((yes) => vqaAccuracy('yes', answers(yes)))).toEqual([
      0,
      expect.closeTo(0.3, 12),
      expect.closeTo(0.6, 12),
      expect.closeTo(0.9, 12),
      1,
    ]);
  });

  it('stops at 32 periods, as the official scorer does', () => {
    expect(normaliseAnswer('.'.repeat(34))).toBe('..');
  });

  it('takes words that objects happen to have for words', () => {
    expect(normaliseAnswer('constructor toString')).toBe('constructor tostring');
  });

  it('refuses answers that nobody could meet', () => {
    expect(() => vqaAccuracy('yes', ['yes'])).toThrow(/four answers/);
  });
});
