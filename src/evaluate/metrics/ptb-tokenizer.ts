import {
  ABBREVIATIONS,
  APOSTROPHE_WORDS,
  anyCase,
  CAPITAL_ABBREVIATIONS,
  capitalised,
  NUMBER_ABBREVIATIONS,
  SENTENCE_STARTERS,
} from './ptb-words.js';

/** Tokens that caption scorers leave out; a run such as `!!` is another token and stays, as it does there. */
const PUNCTUATION = /^(?:\.+|-{1,4}|[`']{1,2}|[?!,:;"\u2010\u2011\u2019])$/;

/** How tokens of one character are written. */
const WRITTEN: Readonly<Record<string, string>> = {
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
  '\u20AC': '$',
  '\u00A4': '$',
  '\u00A3': '#',
  '\u00A2': 'cents',
  '\u00BC': '1/4',
  '\u00BD': '1/2',
  '\u00BE': '3/4',
  '\u2153': '1/3',
  '\u2154': '2/3',
};

const LETTER = '[\\p{L}\\p{M}]';
const ALNUM = '[\\p{L}\\p{M}\\p{Nd}]';
const END = `(?!${ALNUM})`;
/** An apostrophe, straight or curly. */
const APOSTROPHE = "['\u2019]";
const CLITIC = `(?:[sSmMdD]|[rR][eE]|[vV][eE]|[lL][lL])${END}`;
/** What is left of "not". */
const NOT = `[nN]['\u2019\`][tT]${END}`;
/** A word keeps its period before another mark. */
const PERIOD = '(?:\\.(?=[,;:\\u3001]))?';
/** Part of either/or: black-and-white/red. */
const EITHER = '[A-Za-z\\d]+(?:-[A-Za-z]+)*';
const TAG = '</?[A-Za-z]\\w*(?: +\\w+(?:="[^"<>\\n]*")?)* *\\/?>';

/**
 * One token, or the end of a line: the first alternative that fits. The conventions of the Penn Treebank.
 * A token begins where the one before ended, so `isn't` gives `is`, then `n't`.
 */
const TOKEN = new RegExp(
  [
    '\\n',
    // The short way for most words.
    '(?![cC]an|[gG]on|[wW]an|[gG]ot|[lL]em|[gG]im)[A-Za-z][a-z]*(?= )',
    TAG,
    `[hH][tT][tT][pP][sS]?://[^\\s<>|"]+\\.[^\\s<>|"]+[^\\s<>|".,!?)\\]]`,
    `[wW]{3}\\.[^\\s<>|"]+[^\\s<>|".,;:!?')\\]]`,
    `[a-z]+\\.(?:com|net|org|edu)/[^\\s<>|"]*[^\\s<>|".,;:!?')\\]]`,
    `[\\w.%+-]+@[^\\s<>|"(){}]*[^\\s<>|"(){}.]`,
    `@${LETTER}(?:${ALNUM}|_)*|#${LETTER}+|-[lrLR][rscRSC][bB]-`,
    // Smileys.
    `[<>]?[:;=][-o*']?[()DPdpO{@|\\\\[\\]]${END}`,
    `[-^<>]_[-^<>]|\\([-^<>]_[-^<>]\\)`,
    // Colloquial joins of two words fall apart: can not, gon na.
    ...[
      ['can', 'not'],
      ['gon', 'na'],
      ['wan', 'na'],
      ['got', 'ta'],
      ['lem', 'me'],
      ['gim', 'me'],
      ["'t", 'is'],
      ["'t", 'was'],
    ].map(
      ([first, second]) => `${anyCase(first!)}(?=${anyCase(second!)}(?!${ALNUM}|[-_]${ALNUM}|${APOSTROPHE}${CLITIC}))`,
    ),
    // Telephone numbers, mixed fractions and dates.
    `(?:\\(\\d{2,3}\\)[ \\u00A0]?|\\+?(?:\\d{2,4}[- \\u00A0]){1,2})\\d{3,4}[- \\u00A0]?\\d{3,5}(?!\\d)`,
    `\\d{1,4}[- \\u00A0]\\d{1,4}/\\d{1,4}(?!\\d)|\\d{1,2}[-/]\\d{1,2}[-/]\\d{2,4}(?!\\d|-${ALNUM})`,
    // Either/or stays whole, up to three parts.
    `${EITHER}(?:/${EITHER}){1,2}`,
    // Hyphenated words and figures stay whole: two-year-old, 1,000-foot, anti-U.S., fleur-d'or.
    `(?:[dolDOL]${APOSTROPHE}${ALNUM}{2,}|${ALNUM}(?:${ALNUM}|[.,])*)(?:[-_\\u2010\\u2011](?:[dolDOL]${APOSTROPHE}${ALNUM}{2,}|(?:[A-Za-z]\\.){2,}|${ALNUM}+))+${PERIOD}`,
    `(?:${anyCase(ABBREVIATIONS)}|${capitalised(CAPITAL_ABBREVIATIONS)})\\.(?!${LETTER})`,
    `${anyCase(`(?:${NUMBER_ABBREVIATIONS})`)}\\.(?=\\s?\\d)`,
    // A letter at the end of a sentence.
    `[A-Za-z](?=\\.\\s+(?:${capitalised(SENTENCE_STARTERS)})(?:\\s|$))`,
    // Initials and acronyms: p.m., U.S.A.
    `[A-Za-z](?:\\.[A-Za-z])*\\.(?!${LETTER})`,
    // Negations: the verb without its n't, then the n't.
    `${LETTER}+(?=${NOT})`,
    NOT,
    // Clitics, and the few words that begin or end with an apostrophe.
    `${APOSTROPHE}(?:${CLITIC}|[nN]${APOSTROPHE}|[nN](?=\\s)|${anyCase('(?:em|till?|cause)')}|[2-9]0[sS]${END}|\\d\\d(?=\\s))`,
    `${anyCase('(?:dunkin|somethin|ol)')}${APOSTROPHE}`,
    // Words with an apostrophe within: O'Neill, d'Avignon, K'nex, ma'am.
    `${anyCase(`(?:${APOSTROPHE_WORDS})`)}${END}`,
    `[yY]${APOSTROPHE}(?=${LETTER})`,
    `[dolA-HJ-XZ]${APOSTROPHE}(?!${CLITIC})${ALNUM}{2,}|[dljDLJ]${APOSTROPHE}`,
    `${LETTER}+[aeiouyAEIOUY]${APOSTROPHE}(?!${CLITIC})[aeiouA-Z]${LETTER}*`,
    `[A-Z]+(?:[&+][A-Z]+)+|[cC]\\+\\+|[cCfF]#`,
    `[A-Z]*\\$`,
    // Numbers with their commas, points and colons: 1,000 and 3:30 and .5.
    `[-+]?(?:\\d+(?:[.,:]\\d+)+|[.,:]\\d+(?:[.,:]\\d+)*)|[-+]\\d+|\\d+${PERIOD}${END}`,
    // Words; one that was run into the next at a full stop is one token there too.
    `${LETTER}${ALNUM}*(?:[.!?]${LETTER}${ALNUM}*)*${PERIOD}|${ALNUM}+${PERIOD}`,
    `&#\\d+;|\\.+|[?!]+|-+|[\`']{1,2}|@+|#+|\\*+|_+|<<|>>`,
    `\\S`,
  ].join('|'),
  'gu',
);

/**
 * Splits captions into Penn Treebank tokens as the caption scorers do before they count n-grams (pycocoevalcap's
 * PTBTokenizer over Stanford CoreNLP 3.4.1, -preserveLines -lowerCase): clitics are split off, hyphenated words and
 * abbreviations stay whole, brackets are spelled out, text is lower-cased and punctuation dropped.
 *
 * The scorers hand over one file with a caption a line, and there the period after a caption's last letter is a full
 * stop or part of an initial by the next caption's first word. Give a set's captions in one call for the same.
 *
 * A token may hold a no-break space (`1 1/2`, a telephone number).
 *
 * @returns the tokens of each caption in order, [captions][tokens]; none for a caption of punctuation alone
 */
export function ptbTokenizeAll(captions: readonly string[]): string[][] {
  const lines = captions.map((caption) => (/[\n\r&]|[^\0-~]/.test(caption) ? plainCharacters(caption) : caption));
  const all: string[][] = [];
  let tokens: string[] = [];
  for (const token of `${lines.join('\n')}\n`.match(TOKEN)!) {
    if (token === '\n') {
      all.push(tokens);
      tokens = [];
    } else if (!PUNCTUATION.test(token)) tokens.push(written(token));
  }
  return captions.length === 0 ? [] : all;
}

/** The tokens of one caption that stands alone: see `ptbTokenizeAll`. */
export function ptbTokenize(caption: string): string[] {
  return ptbTokenizeAll([caption])[0]!;
}

/** Split-off parts of words, which are written with a straight apostrophe. */
const CONTRACTED = new RegExp(`^(?:\u2019${CLITIC}|${NOT})$`, 'u');

function written(token: string): string {
  const single = WRITTEN[token];
  if (single !== undefined) return single;
  const lower = CONTRACTED.test(token) ? token.toLowerCase().replace('\u2019', "'") : token.toLowerCase();
  return /[( )]/.test(lower)
    ? lower.replaceAll(' ', '\u00A0').replaceAll('(', '-lrb-').replaceAll(')', '-rrb-')
    : lower;
}

/** Characters and entities that stand for others are replaced by them, and those that no token may hold by blanks. */
function plainCharacters(caption: string): string {
  return caption
    .replace(/&(amp|lt|gt|quot|apos|nbsp|[mn]dash);/gi, (_, name: string) => ENTITIES[name.toLowerCase()]!)
    .replace(/\u00AD/g, '')
    .replace(/[\u2018\u201B\u2039]/g, '`')
    .replace(/[\u201C\u201D\u00AB\u00BB\u203A]/g, '"')
    .replace(/[\u2013-\u2015]/g, '--')
    .replace(/\u2026/g, ' ... ')
    .replace(UNKNOWN, ' ');
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  mdash: '--',
  ndash: '--',
};

/** Characters that the tokenizer does not know and passes over: emoji, controls (ends of lines among them), rare currencies, CJK brackets. */
const UNKNOWN = new RegExp(
  `[\\u{10000}-\\u{10FFFF}\\p{C}\\uFE00-\\uFE6B\\u2012\\u2024\\u2025\\u2027\\u203C\\u203D\\u2043\\u2045-\\u205E${'\\u20A1-\\u20A3\\u20A5-\\u20AB\\u20AD-\\u20C0\\u2150-\\u2152\\u215F-\\u218B\\u3003-\\u3004\\u3007-\\u3011'}\\u3013-\\u3029\\u3030\\u3036-\\u303A\\u303D-\\u303F\\u3200-\\u33FF]`,
  'gu',
);
