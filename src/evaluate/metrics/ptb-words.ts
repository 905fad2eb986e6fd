/** Abbreviations that keep their period wherever they stand, in any case. */
export const ABBREVIATIONS = [
  'adj|adm|adv|ala?|alex|apr|ariz|assn|asst|atty|aug|ave|bhd|bldg|blvd|brig|bros|calif|capt|cf|cie|cmdr|col?|colo|conn',
  'corp|cos|cpl|ct|dak|dec|dept|det|drs?|elec|ens|esq|est|etc|ext|feb|fla|fri|ft|ga|gen|govs?|hon|inc|ind|insp|intl',
  'invt|jan|jos|jr|jul|jun|kans?|ky|lieut|lt|ltd|maj|mar|md|messrs|mich|minn|mlle|mme|mon?|mont|mrs?|ms|msgr|mt|natl',
  'neb|nev|nov|oct|okla|penn|pfc|ph|plc|pres|prof|pvt|rd|reps?|rev|rt|sens?|sept?|seq|sfc|sgt|spc|sq|sr|ste?|supt|sys',
  'tel|tenn|thu|tue|tues|univ|va|vs|vt|wed|wisc?|wm|wyo|mfg|mtg|ptys?|ph\\.d|ed\\.d',
].join('|');

/** Abbreviations that are words besides, and keep their period only with a capital. */
export const CAPITAL_ABBREVIATIONS = 'ark|az|del|ill|la|mass|miss|ore|pa|tex|wash';

/** Abbreviations that keep their period only before a number. */
export const NUMBER_ABBREVIATIONS = 'art|ca|figs?|nos?|op|pp|prop';

/** Words with a capital that begin a sentence: before one of them the period of `R.` is a full stop. */
export const SENTENCE_STARTERS = [
  'a|about|according|additionally|after|an|as|at|but|earlier|he|her|here|however|if|in|it|last|many|more|m[rs]\\.|now|once|one',
  'other|our|she|since|so|some|such|that|the|their|then|there|these|they|this|we|what|when|while|yet|you',
].join('|');

/** Words that stay whole though they hold an apostrophe. */
export const APOSTROPHE_WORDS = "c'est|c'mon|e'er|s'mores|ev'ry|li'l|nat'l|nor'easter|n'sync";

/** A list of words in any case, as part of a pattern that heeds case. */
export function anyCase(words: string): string {
  return words.replace(/(?<!\\)[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** A list of words with a capital in front or throughout, as part of a pattern that heeds case. */
export function capitalised(words: string): string {
  return words
    .split('|')
    .map((word) => `${word[0]!.toUpperCase()}(?:${word.slice(1)}|${word.slice(1).toUpperCase()})`)
    .join('|');
}
