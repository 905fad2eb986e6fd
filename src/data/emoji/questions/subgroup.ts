import type { QuestionKind } from './question-kind.js';

/** One of CLDR's hundred subgroups: "animal bird". */
export const subgroup: QuestionKind = {
  name: 'subgroup',
  text: 'Which subgroup does it belong to?',
  askedOfHeldOut: true,
  answer: (concept) => concept.subgroup,
};
