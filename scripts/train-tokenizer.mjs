// Writes the text that the built-in tokenizer is trained on, a line each, to standard output.
// Used with scripts/train-tokenizer.py, which has the commands.
import { loadEmojiCorpus } from '../dist/data/emoji/corpus.js';
import { tokenizerTrainingText } from '../dist/data/tokenizer/training-text.js';

process.stdout.write(`${tokenizerTrainingText(loadEmojiCorpus()).join('\n')}\n`);
