// Measures how long caption metrics take over a set of the size of COCO's Karpathy test split, on one core.
//   npm run build && npm run bench:metrics

import { cpus } from 'node:os';
import { bleu, ciderD, ptbTokenizeAll, rougeL } from '../dist/evaluate/metrics/index.js';
import { random } from '../dist/random.js';

const IMAGES = 5_000;
const REFERENCES = 5;
const WORDS = 10;
const REPEATS = 5;
const LIMIT = 3;

/** Words as frequent as in captions: the k-th of 8,000 comes up as 1 / k. */
const stream = random(0, 'bench metrics');
const LEXICON = Array.from({ length: 8_000 }, () =>
  Array.from({ length: 2 + stream.below(8) }, () => 'etaoinshrdlucmfw'[stream.below(16)]).join(''),
);
const word = () => LEXICON[Math.floor(LEXICON.length ** stream.uniform()) - 1];
function caption() {
  const words = Array.from({ length: WORDS }, word).join(' ');
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

const candidates = Array.from({ length: IMAGES }, caption);
const references = Array.from({ length: IMAGES * REFERENCES }, caption);

/** Splits a flat list into one of five for each image. */
const byImage = (flat) => candidates.map((_, image) => flat.slice(image * REFERENCES, (image + 1) * REFERENCES));

/** The median of some repeats in seconds, and what the last gave. */
function timed(run) {
  let result;
  const all = Array.from({ length: REPEATS }, () => {
    const start = performance.now();
    result = run();
    return (performance.now() - start) / 1000;
  }).sort((a, b) => a - b);
  return { seconds: all[Math.floor(REPEATS / 2)], result };
}

const split = timed(() => [...candidates, ...references].map((text) => text.split(' ')));
const tokens = timed(() => [ptbTokenizeAll(candidates), byImage(ptbTokenizeAll(references))]);
const [said, meant] = tokens.result;
const scores = { 'CIDEr-D': ciderD, BLEU: bleu, 'ROUGE-L': rougeL };
const measured = [
  ['split by space', split.seconds],
  ['PTB tokens', tokens.seconds],
  ...Object.entries(scores).map(([name, score]) => [name, timed(() => score(said, meant)).seconds]),
];
const seconds = Object.fromEntries(measured);
const whole = seconds['PTB tokens'] + seconds['CIDEr-D'];

console.log(`node ${process.version}, one core of ${cpus()[0]?.model.trim()}; median of ${REPEATS}`);
console.log(`${IMAGES} images x ${REFERENCES} references, captions of ${WORDS} words`);
console.table(
  [...measured, ['PTB tokens and CIDEr-D', whole]].map(([what, value]) => ({
    what,
    seconds: Number(value.toFixed(3)),
    'times a split': Number((value / split.seconds).toFixed(1)),
  })),
);
console.log(`tokens and CIDEr-D within ${LIMIT} s: ${whole < LIMIT}`);
if (whole >= LIMIT) process.exitCode = 1;
