import type { QuestionKind } from './question-kind.js';

/** One of CLDR's nine groups: "animals and nature". */
export const group: QuestionKind = {
  name: 'group',
  text: 'Which group does it belong to?',
  askedOfHeldOut: true,
  answer: (concept) => concept.group,
};
