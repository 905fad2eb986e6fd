export { bitsPerByte } from './bits-per-byte.js';
export { type Bleu, bleu } from './bleu.js';
export type { CaptionScores } from './caption-set.js';
export { type ChoiceAccuracy, choiceAccuracy } from './choice-accuracy.js';
export { ciderD } from './cider-d.js';
export { exactMatch } from './exact-match.js';
export { ptbTokenize, ptbTokenizeAll } from './ptb-tokenizer.js';
export { rougeL } from './rouge-l.js';
export { normaliseAnswer, vqaAccuracy } from './vqa-accuracy.js';
