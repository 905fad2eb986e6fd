export { type CiderD, ciderD } from './cider-d.js';
export { ptbTokenize } from './ptb-tokenizer.js';
export { normaliseAnswer, vqaAccuracy } from './vqa-accuracy.js';
