import { ENCODER_SETS, type EncoderSet } from '../data/encoder-sets.js';
import { type Column, columnTable, labelledLines, wrap } from './layout.js';

const COLUMNS: readonly Column[] = [
  { title: 'set' },
  { title: "the paper's pairs", align: 'right' },
  { title: 'documents here', align: 'right' },
  { title: 'rewritten texts', align: 'right' },
  { title: 'wrong texts', align: 'right' },
];

const WIDTH = 99;

/** What stands for each set that the paper's encoders were pre-trained on, as a table of at most 99 columns. */
export function renderEncoderSets(heading: (text: string) => string): string {
  const sets = Object.entries(ENCODER_SETS);
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const rows = sets.map(([name, { pairs, size, rewritten, mismatched }]: [string, EncoderSet]) => [
    name,
    `${(pairs / 1e6).toLocaleString('en')} million`,
    `${size} x encoder.pictures`,
    percent(rewritten),
    percent(mismatched),
  ]);
  const notes =
    "The paper's pairs are as the sets' names and its table 1 have them. Documents are caption documents of the grid's " +
    'data.caption_from, in the same proportions, and only as many as the sources have; dfn-5b+vecap has those of dfn-5b. ' +
    'Rewritten texts take the share that VeCap-300M has among 5,300 million pairs. Wrong texts are those of another picture, ' +
    "among the texts that are not rewritten: their shares are a choice of mm1 and not the paper's, and what a corpus has " +
    'wrong of its own comes on top. CLIP reads texts; AIM sees the pictures alone.';
  return [
    `${heading('PRE-TRAINING SETS OF ENCODERS')}\n${columnTable(COLUMNS, rows)}`,
    labelledLines(
      sets.map(([name, { about }]): [string, string] => [name, about]),
      WIDTH,
    ),
    `${wrap(notes, WIDTH).join('\n')}\n`,
  ].join('\n\n');
}
