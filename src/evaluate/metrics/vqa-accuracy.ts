/** Marks that are dropped, or turned into a blank; period, apostrophe and colon are not among them. */
const MARKS = [...';/[]"{}()=+\\_-><@`,?!'];

const NUMBERS = new Map(
  Object.entries({
    none: '0',
    zero: '0',
    one: '1',
    two: '2',
    three: '3',
    four: '4',
    five: '5',
    six: '6',
    seven: '7',
    eight: '8',
    nine: '9',
    ten: '10',
  }),
);

const ARTICLES = new Set(['a', 'an', 'the']);

/** Contractions that get an apostrophe back where one is missing. */
const CONTRACTIONS = `
  ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd he'd've he's
  how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've needn't not've o'clock
  oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd
  someone'd've someone'll someone's something'd something'd've something'll that's there'd there'd've there're there's
  they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's
  where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've
  y'all y'all'll y'all'd've you'd you'd've you'll you're you've`;

/** The spelling that lacks one apostrophe -> the contraction. */
const SPELLINGS = new Map([
  ...CONTRACTIONS.trim()
    .split(/\s+/)
    .flatMap((word) => [...word.matchAll(/'/g)].map(({ index }) => [without(word, index), word] as const)),
  // The one entry of the official table that takes an apostrophe away.
  ["somebody'd", 'somebodyd'] as const,
]);

/**
 * How right an answer is by the official scorer of VQA: for each of the people's answers, a third for each of the OTHER
 * people who gave this very answer, at most 1; then the mean over all. Both sides are normalised only where
 * the people do not all agree to the letter, as the official scorer does.
 *
 * An answer that metadata knows stands ten times in `answers`, and must then be met to the letter.
 *
 * Source: Antol et al. 2015, and the evaluation code of VQA v2 (vqaEval.py).
 *
 * @param answer what the model said
 * @param answers what the people said: ten in VQA
 * @returns 0..1
 * @throws RangeError with fewer than four answers, of which no answer could score 1
 */
export function vqaAccuracy(answer: string, answers: readonly string[]): number {
  if (answers.length < 4) throw new RangeError(`VQA accuracy needs four answers or more, and got ${answers.length}`);
  let given = answers.map(flatten);
  let said = flatten(answer);
  if (new Set(given).size > 1) {
    given = given.map(normaliseAnswer);
    said = normaliseAnswer(said);
  }
  const matches = given.filter((other) => other === said).length;
  // Leaving out a person who agrees leaves one match fewer; leaving out another leaves them all.
  const agreeing = matches * Math.min(1, (matches - 1) / 3);
  const others = (given.length - matches) * Math.min(1, matches / 3);
  return (agreeing + others) / given.length;
}

/**
 * An answer as the official scorer compares it: without punctuation, articles and capitals, numbers up to ten as
 * figures, apostrophes restored. The scorer's known quirks are kept (a mark is removed where it touches a blank
 * anywhere in the answer, or where a comma stands between two figures, and otherwise becomes a blank).
 */
export function normaliseAnswer(answer: string): string {
  return plainWords(withoutPunctuation(flatten(answer)));
}

/** One line, without blanks at its ends. */
function flatten(answer: string): string {
  return answer.replace(/[\n\t]/g, ' ').trim();
}

function withoutPunctuation(answer: string): string {
  const hasNumberComma = /[0-9],[0-9]/.test(answer);
  let text = answer;
  for (const mark of MARKS) {
    const removed = hasNumberComma || answer.includes(`${mark} `) || answer.includes(` ${mark}`);
    text = text.replaceAll(mark, removed ? '' : ' ');
  }
  // The official code hands a flag over where a count is meant, so it stops at 32 periods.
  let periods = 0;
  return text.replace(/\.(?![0-9])/g, (period) => (periods++ < 32 ? '' : period));
}

function plainWords(text: string): string {
  return text
    .toLowerCase()
    .split(/\s+/)
    .map((word) => NUMBERS.get(word) ?? word)
    .filter((word) => word !== '' && !ARTICLES.has(word))
    .map((word) => SPELLINGS.get(word) ?? word)
    .join(' ');
}

function without(word: string, index: number): string {
  return word.slice(0, index) + word.slice(index + 1);
}
