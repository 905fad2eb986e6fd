import type { QuestionKind } from './question-kind.js';

/** CLDR counts their flags among the countries'. */
const NO_COUNTRY = new Set(['flag: European Union', 'flag: United Nations']);

/** The country or territory, as in ISO 3166, of a flag: "cote divoire". */
export const country: QuestionKind = {
  name: 'country',
  text: "Which country's flag is it?",
  askedOfHeldOut: false,
  answer: ({ label, subgroup }) => {
    if (subgroup !== 'country flag' || NO_COUNTRY.has(label)) return null;
    return label
      .replace(/^flag: /, '')
      .replace(/ \(.*\)/, '') // "Myanmar (Burma)": one of the names is enough.
      .normalize('NFD')
      .replace(/[\u0300-\u036f'.]/g, '')
      .replaceAll('&', 'and')
      .replace(/[ -]+/g, ' ') // "Congo - Kinshasa", "Guinea-Bissau".
      .toLowerCase();
  },
};
