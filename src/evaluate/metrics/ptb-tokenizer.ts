/** Tokens that caption scorers leave out; a run such as `!!` is another token and stays, as it does there. */
const PUNCTUATION = /^(?:\.+|-{1,4}|[`']{1,2}|[?!,:;])$/;

const BRACKETS: Readonly<Record<string, string>> = {
  '(': '-lrb-',
  ')': '-rrb-',
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
};

/** Abbreviations that keep their period wherever they stand. */
const ABBREVIATIONS = [
  'mr|mrs|ms|mx|drs?|profs?|messrs|mlle|mme|msgr|rev|hon|fr|sgt|cpl|pvt|capt|lt|lieut|col|gen|maj|adm|brig|pfc',
  'sens?|reps?|govs?|pres|attys?|supts?|amb|jr|sr|esq|bros|ph\\.d|ed\\.d|inc|corp|cos?|ltd|plc|assn|univ|intl|dept|natl|mfg',
  'st|ste|ave|blvd|rd|mt|ft|bldg|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thurs?|fri',
  'calif|colo|conn|fla|ga|kans?|mich|minn|mo|mont|neb|nev|okla|penn|tenn|va|vt|wisc?|wyo|ariz|ala',
  'etc|al|seq|vs|viz|cf|ext|tel|est|sq',
].join('|');

/** Abbreviations that are also words, and keep their period only before a number. */
const ABBREVIATIONS_BEFORE_NUMBERS = 'nos?|figs?|vols?|ch|pp?|art|sect?|ca|approx|apt';

const LETTER = '[\\p{L}\\p{M}]';
const ALNUM = '[\\p{L}\\p{M}\\p{Nd}]';
const END = `(?!${ALNUM})`;

/**
 * One token, the first alternative that fits: the conventions of the Penn Treebank.
 * A token begins where the one before ended, so `isn't` gives `is`, then `n't`.
 */
const TOKEN = new RegExp(
  [
    `https?://[^\\s<>|"]+[^\\s<>|".,;:!?')\\]]|www\\.[^\\s<>|"]+[^\\s<>|".,;:!?')\\]]`,
    `[\\w.%+-]+@[\\w-]+(?:\\.[\\w-]+)+`,
    `[@#]${LETTER}[\\p{L}\\p{M}\\p{Nd}_]*`,
    // Colloquial joins of two words fall apart: can not, gon na.
    `can(?=not${END})|(?:gon|wan)(?=na${END})|got(?=ta${END})|(?:lem|gim)(?=me${END})|'t(?=(?:is|was)${END})`,
    `(?:${ABBREVIATIONS})\\.${END}`,
    `(?:${ABBREVIATIONS_BEFORE_NUMBERS})\\.(?=\\s?\\d)`,
    // Initials and acronyms: p.m., U.S.A.
    `\\p{L}(?:\\.\\p{L})*\\.${END}`,
    // Negations: the verb without its n't, then the n't.
    `${LETTER}+(?=n'ts?${END})`,
    `n'ts?${END}`,
    // Clitics, and the few words that begin or end with an apostrophe.
    `'(?:s|m|d|re|ve|ll|em)${END}`,
    `'n'?${END}|'\\d0s${END}`,
    // Names and words with an apostrophe near their front: O'Neill, o'clock, d'Avignon.
    `[dol]'${ALNUM}{2,}(?:-${ALNUM}+)*`,
    `[A-Z]+(?:[&+][A-Z]+)+`,
    // Dates and fractions.
    `\\d{1,2}[-/]\\d{1,2}[-/]\\d{2,4}(?!\\d)|\\d{1,4}/\\d{1,4}(?![\\d/])`,
    // Hyphenated words and figures stay whole: two-year-old, black-and-white, 1,000-foot.
    `${ALNUM}(?:[.,](?=${ALNUM})|${ALNUM})*(?:[-_]${ALNUM}+(?:\\.\\d+)?)+`,
    // Either/or stays whole, up to three parts.
    `[a-z\\d]+(?:/[a-z\\d]+){1,2}${END}`,
    // Numbers with their commas, points and colons: 1,000 and 3:30 and .5.
    `[-+]?(?:\\d+(?:[.,:]\\d+)+|(?:[.,]\\d+)+)|[-+]?\\d+${END}`,
    // Words; one that was run into the next at a full stop is one token there too.
    `${LETTER}${ALNUM}*(?:[.!?]${LETTER}${ALNUM}*)*|${ALNUM}+`,
    `[A-Z]*\\$`,
    `\\.+|[?!]+|-+|[\`']{1,2}|@+|#+|\\*+|=+`,
    `\\S`,
  ].join('|'),
  'giu',
);

/**
 * Splits a caption into Penn Treebank tokens as the caption scorers do before they count n-grams (pycocoevalcap's
 * PTBTokenizer over Stanford CoreNLP 3.4.1, -lowerCase): clitics are split off, hyphenated words and
 * abbreviations stay whole, brackets are spelled out, text is lower-cased and punctuation dropped.
 * Spelling is left as it is. Smileys, telephone numbers and markup are not treated apart.
 *
 * @returns the tokens in order; none for a caption of punctuation alone
 */
export function ptbTokenize(caption: string): string[] {
  return [...normaliseCharacters(caption).matchAll(TOKEN)]
    .filter(([token]) => !PUNCTUATION.test(token))
    .map(([token]) => BRACKETS[token] ?? token.toLowerCase());
}

/** One character for each kind of quotation mark, dash, ellipsis, currency and fraction. */
function normaliseCharacters(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\u2018\u2019\u201B\u00B4]/g, "'")
    .replace(/["\u201C-\u201F\u00AB\u00BB\u2039\u203A]/g, ' ` ')
    .replace(/[\u2012-\u2015]/g, ' -- ')
    .replace(/\u2026/g, ' ... ')
    .replace(/[\u20AC\u00A4]/g, ' $ ')
    .replace(/\u00A3/g, ' # ')
    .replace(/\u00A2/g, ' cents ')
    .replace(/[\u00BC-\u00BE\u2153-\u215E]/g, (fraction) => ` ${fraction.normalize('NFKC').replace('\u2044', '/')} `)
    .replace(/\u00AD/g, '');
}
