import type { TextDocument } from '../../data/sources/source.js';
import { exactMatch } from '../metrics/index.js';
import { proseOf } from './prose.js';
import { chanceOfChoices } from './scoring.js';
import { type DrawnItem, examplesOf, meanOf, sample, type Task } from './task.js';

/** Fewest and most sentences of a passage, and its most characters. */
const SENTENCES = { fewest: 2, most: 4 };
const LONGEST = 400;
/** A passage's last word, with what is before it. */
const LAST_WORD = /^(.*\s)([A-Za-z]{3,})[.!?]["')\]]*$/;
/** Words that bind others together: no context decides for one of them. */
const FUNCTION_WORDS = new Set(
  (
    'about above after again all also and any are because been before being below between both but can could did does ' +
    'down each for from had has have her hers here him his how into its may might more most much must nor not now off ' +
    'once one only other our ours out over own shall she should some such than that the their theirs them then there ' +
    'these they this those through too under until upon very was were what when where which while who whom whose why ' +
    'will with would yet you your yours'
  ).split(' '),
);

/**
 * The last word of a held-out passage, in the form of LAMBADA (Paperno et al., 2016): two to four sentences, whose last
 * word stood in the passage before, so that the passage decides. Scored by exact match in percent of the first word that
 * the model writes; a guess is any word of the passage that is no function word.
 */
export const cloze: Task = {
  group: 'textcore',
  prompt: 'cloze',
  answer: 'written',
  metric: 'exact match',
  limit: 8,
  stops: ['\n', '.', ',', ';', ':', '!', '?', '"'],
  async draw({ items, demonstrations }) {
    const asked = (await proseOf('held-out')).flatMap(passagesOf);
    const examples = demonstrations === 0 ? [] : (await proseOf('train')).flatMap(passagesOf);
    return { asked: sample(asked, items, 'cloze'), examples: examplesOf(examples, demonstrations, 'cloze') };
  },
  score: (outputs, items) =>
    meanOf(outputs.map((output, i) => 100 * exactMatch(output.split(/\s/, 1)[0]!, items[i]!.references))),
  chance: chanceOfChoices,
};

/** A document's passages, which have no sentence in common. */
export function passagesOf({ id, text }: TextDocument): DrawnItem[] {
  const found: DrawnItem[] = [];
  for (const paragraph of text.split(/\n\s*\n/)) {
    const sentences = sentencesOf(paragraph);
    for (let first = 0; first < sentences.length; first++) {
      for (let count = SENTENCES.fewest; count <= SENTENCES.most && first + count <= sentences.length; count++) {
        const asked = withoutLastWord(sentences.slice(first, first + count).join(' '));
        if (asked === null) continue;
        found.push({ id: `${id}#${found.length}`, concept: id, image: null, ...asked });
        first += count - 1;
        break;
      }
    }
  }
  return found;
}

/** Where a sentence begins: behind the end of another, which is no title. */
const SENTENCE = /(?<=[.!?]["')\]]*)(?<!\b(?:Mr|Mrs|Dr|St|Gen|Col|Capt|Hon|Messrs)\.) (?=["'([]*[A-Z])/;

function sentencesOf(paragraph: string): string[] {
  return paragraph.replace(/\s+/g, ' ').trim().split(SENTENCE);
}

/** A passage as a question; null where it is too long, or its last word is not in it before. */
function withoutLastWord(passage: string): Pick<DrawnItem, 'question' | 'references' | 'choices'> | null {
  const [, before, word] = LAST_WORD.exec(passage) ?? [];
  if (before === undefined || word === undefined || passage.length > LONGEST) return null;
  const question = before.trim();
  const words = question.toLowerCase().match(/[a-z]+(?:['’-][a-z]+)*/g) ?? [];
  const choices = new Set(words.filter((other) => other.length >= 3 && !FUNCTION_WORDS.has(other)));
  const answer = word.toLowerCase();
  // Right behind itself a word says nothing of the context, and behind a sentence's end it is none's last.
  if (!choices.has(answer) || words.at(-1) === answer || /[.!?]["')\]]*$/.test(question)) return null;
  return { question, references: [word], choices: [...choices] };
}
