import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normaliseAnswer, vqaAccuracy } from '../../../src/evaluate/metrics/vqa-accuracy.js';
import { metricCases, readJson } from './golden.js';

interface VqaCase {
  expected: {
    /** In percent, to two decimals, as are the means of each type. */
    overall: number;
    perQuestionType?: Record<string, number>;
    perAnswerType?: Record<string, number>;
    per_question: Record<string, number>;
  };
  normalised_predictions?: Record<string, string>;
  normalised_strings?: [string, string][];
}

interface Annotation {
  question_id: number;
  question_type: string;
  answer_type: string;
  answers: { answer: string }[];
}

const cases = metricCases((_, folder) => existsSync(join(folder, 'annotations.json')));
const percent = (values: number[]) => (100 * values.reduce((sum, value) => sum + value, 0)) / values.length;

/** Words whose apostrophes come back where one is missing. */
const CONTRACTIONS = `
  ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd he'd've he's
  how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've needn't not've o'clock
  oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd
  someone'd've someone'll someone's something'd something'd've something'll that's there'd there'd've there're there's
  they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's
  where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've
  y'all y'all'll y'all'd've you'd you'd've you'll you're you've`;

describe('VQA accuracy', () => {
  it('finds a golden case', () => {
    expect(cases.length).toBeGreaterThanOrEqual(1);
  });

  describe.each(cases)('golden case %s', (name) => {
    const golden = readJson<VqaCase>(name, 'case.json');
    const results = readJson<{ question_id: number; answer: string }[]>(name, 'results.json');
    const { annotations } = readJson<{ annotations: Annotation[] }>(name, 'annotations.json');
    const annotationOf = new Map(annotations.map((row) => [row.question_id, row]));
    const scored = results.map(({ question_id: id, answer }) => {
      const annotation = annotationOf.get(id)!;
      const value = vqaAccuracy(
        answer,
        annotation.answers.map((given) => given.answer),
      );
      return { ...annotation, value };
    });
    /** Means by the value of a field, or of all. */
    const meanOf = (asked: (row: Annotation) => boolean) =>
      percent(scored.filter((row) => asked(row)).map(({ value }) => value));
    const toTwoDecimals = (value: number, expected: number) =>
      expect(Math.abs(value - expected)).toBeLessThan(0.005 + 1e-9);

    it('agrees with the official scorer for each question', () => {
      for (const { question_id: id, value } of scored) {
        expect(Math.abs(value - golden.expected.per_question[id]!), String(id)).toBeLessThan(1e-9);
      }
    });

    it('agrees with the official scorer over all and for each type', () => {
      toTwoDecimals(
        meanOf(() => true),
        golden.expected.overall,
      );
      for (const [type, expected] of Object.entries(golden.expected.perQuestionType ?? {})) {
        toTwoDecimals(
          meanOf((row) => row.question_type === type),
          expected,
        );
      }
      for (const [type, expected] of Object.entries(golden.expected.perAnswerType ?? {})) {
        toTwoDecimals(
          meanOf((row) => row.answer_type === type),
          expected,
        );
      }
    });

    it('normalises every prediction as the official scorer does', () => {
      const answerOf = new Map(results.map((row) => [String(row.question_id), row.answer]));
      for (const [id, normalised] of Object.entries(golden.normalised_predictions ?? {})) {
        expect(normaliseAnswer(answerOf.get(id)!)).toBe(normalised);
      }
    });

    it('normalises strings as the official scorer does', () => {
      for (const [raw, normalised] of golden.normalised_strings ?? [])
        expect(normaliseAnswer(raw), raw).toBe(normalised);
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

  it('normalises only where people differ', () => {
    const all = new Array<string>(10).fill('Two');
    expect(vqaAccuracy('two', all)).toBe(0);
    expect(vqaAccuracy(' Two\n', all)).toBe(1);
    expect(vqaAccuracy('red\tor\nblue', new Array<string>(10).fill('red or blue'))).toBe(1);
    expect(vqaAccuracy('the two.', [...all.slice(1), 'one'])).toBe(1);
  });

  it('refuses fewer than four answers, which nobody could meet', () => {
    expect(() => vqaAccuracy('yes', ['yes', 'yes', 'yes'])).toThrow(/four answers/);
    expect(vqaAccuracy('yes', ['yes', 'yes', 'yes', 'yes'])).toBe(1);
  });
});

describe('a normalised answer', () => {
  it('has figures for words up to ten', () => {
    expect(normaliseAnswer('none zero one Two three four five six seven eight nine ten eleven')).toBe(
      '0 0 1 2 3 4 5 6 7 8 9 10 eleven',
    );
  });

  it('has its apostrophes back, wherever one is missing', () => {
    for (const word of CONTRACTIONS.trim().split(/\s+/)) {
      expect(normaliseAnswer(word)).toBe(word);
      for (const { index } of word.matchAll(/'/g)) {
        expect(normaliseAnswer(word.slice(0, index) + word.slice(index + 1))).toBe(word);
      }
    }
    expect(normaliseAnswer("somebody'd somebodyd")).toBe('somebodyd somebodyd');
  });

  it('has a blank for each mark of the list, and nothing for one beside a blank', () => {
    for (const mark of ';/[]"{}()=+\\_-><@`,?!') {
      expect(normaliseAnswer(`red${mark}dog`), mark).toBe('red dog');
      expect(normaliseAnswer(`red${mark}dog ${mark}`), mark).toBe('reddog');
      expect(normaliseAnswer(`${mark} red${mark}dog`), mark).toBe('reddog');
      expect(normaliseAnswer(`red${mark}dog 1,000`), mark).toBe('reddog 1000');
    }
    for (const mark of ":'#$%&*|~^") expect(normaliseAnswer(`red${mark}dog`), mark).toBe(`red${mark}dog`);
  });

  it('loses marks before words are looked up, and capitals before articles', () => {
    expect(normaliseAnswer('two.')).toBe('2');
    expect(normaliseAnswer('The! A? AN.')).toBe('');
    expect(normaliseAnswer('dont!')).toBe("don't");
    expect(normaliseAnswer('Aint')).toBe("ain't");
  });

  it('stops at 32 periods, as the official scorer does', () => {
    expect(normaliseAnswer('.'.repeat(34))).toBe('..');
  });

  it('takes words that objects happen to have for words', () => {
    expect(normaliseAnswer('constructor toString')).toBe('constructor tostring');
  });
});
