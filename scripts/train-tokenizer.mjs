// Writes the text that the built-in tokenizer is trained on, a line each, to standard output.
// Used with scripts/train-tokenizer.py, which has the commands.
import { tokenizerTrainingText } from '../dist/data/tokenizer/training-text.js';

for await (const line of tokenizerTrainingText()) process.stdout.write(`${line}\n`);
