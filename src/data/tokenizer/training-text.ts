import { random } from '../../random.js';
import { textsOf } from '../corpora/counts.js';
import { CORPORA } from '../corpora/index.js';

/** Most characters of one corpus, so that none drowns the others. */
const MOST = 2_000_000;
/** Documents of each corpus of the world: there is no end of them, and they say the same few words. */
const WORLD = 2_000;

/** Corpora whose words the tokenizer learns; what they leave out repeats them, or is in other languages. */
const LEARNT: readonly { readonly corpus: string; readonly documents?: number }[] = [
  { corpus: 'emoji' },
  { corpus: 'emoji-texts' },
  { corpus: 'world-captions', documents: WORLD },
  { corpus: 'world-questions', documents: WORLD },
  { corpus: 'world-texts', documents: WORLD },
  { corpus: 'wordnet' },
  { corpus: 'speeches' },
  { corpus: 'novel' },
];

/**
 * What the built-in tokenizer is trained on, line by line: the training side of the built-in corpora, of each documents
 * drawn at random until there are 2 million characters, or 2,000 documents of the world's.
 */
export async function* tokenizerTrainingText(): AsyncGenerator<string> {
  for (const { corpus, documents = Infinity } of LEARNT) {
    const texts: string[] = [];
    for await (const document of CORPORA.find(({ name }) => name === corpus)!
      .open('train', '')
      .documents()) {
      texts.push(textsOf(document).join('\n'));
    }
    let characters = 0;
    for (const i of random(0, `tokenizer ${corpus}`).permutation(texts.length).subarray(0, documents)) {
      characters += texts[i]!.length;
      if (characters > MOST) break;
      yield* texts[i]!.split('\n');
    }
  }
}
