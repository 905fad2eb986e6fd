import type { Answer, AskedTasks, ShownAnswers, ShownItem, VariantName } from './answers.js';
import { clean } from './clean.js';
import { figure } from './figure.js';
import { type Column, columnTable, labelledLines, wrap } from './layout.js';
import type { TextOptions } from './section.js';
import { settingsText } from './settings.js';

/** Labels of an item's lines are narrower than this. */
const LABELS = 12;

const COLUMNS: readonly Column[] = [
  { title: 'task' },
  { title: 'shots', align: 'right' },
  { title: 'metric' },
  { title: 'items', align: 'right' },
  { title: 'asked', align: 'right' },
  { title: 'blind', align: 'right' },
  { title: 'shuffled', align: 'right' },
];

/** What one variant was asked, as a table. */
export function renderAsked({ run, variant, tasks }: AskedTasks, { width, heading }: TextOptions): string {
  const rows = tasks.map(({ task, shots, metric, items, mean, blind, shuffled }) => [
    task,
    String(shots),
    metric,
    String(items),
    ...[mean, blind?.mean ?? null, shuffled?.mean ?? null].map((value) => figure(value)),
  ]);
  const table = rows.length === 0 ? 'No trial of it has finished.' : columnTable(COLUMNS, rows);
  const next = 'Items of a task: --task <task>, and --shots, --condition, --best as needed.';
  return `${heading(`TASKS OF ${run}`)}\n${variantLine(variant, width)}\n\n${table}\n\n${wrap(next, width).join('\n')}\n`;
}

/** Items with their prompts, references and answers; then the demonstrations that stood before the prompts. */
export function renderAnswers(shown: ShownAnswers, { width, heading }: TextOptions): string {
  const { task, shots, metric, condition, value, of, first, lowerIsBetter, items } = shown;
  const title =
    `${task}, ${shots}-shot, ${condition}: ${metric} ${figure(value)}${lowerIsBetter ? ' (lower is better)' : ''}, ` +
    `${items.length} of ${of} items, ${first} first`;
  const demonstrations = shown.demonstrations.map(
    (list) => `${heading(`DEMONSTRATIONS ${listName(list)}`)}\n${wrapped(list.text, width).join('\n')}`,
  );
  const blocks = [
    [...wrap(title, width).map(heading), variantLine(shown.variant, width)].join('\n'),
    ...items.map((item) => itemBlock(item, shots > 0, { width, heading })),
    ...demonstrations,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function variantLine({ number, key, settings }: VariantName, width: number): string {
  return wrap(`variant ${number} (${key}): ${settingsText(settings)}`, width).join('\n');
}

function itemBlock(
  { item, prompt, references, value, answers }: ShownItem,
  few: boolean,
  options: TextOptions,
): string {
  const { width, heading } = options;
  const lines: [string, string][] = [
    ['prompt', prompt],
    ['references', references.map((reference) => `"${reference}"`).join(' ')],
    ...answers.map((answer): [string, string] => [
      few ? `seed ${answer.seed}, ${listName(answer)}` : `seed ${answer.seed}`,
      `[${figure(answer.value)}] ${answer.output.trim() === '' ? '(nothing)' : answer.output}`,
    ]),
  ];
  const breakable = lines.map(([label, text]): [string, string] => [
    label.padEnd(LABELS),
    wrapped(text, width - LABELS - 2).join(' '),
  ]);
  return `${heading(`${figure(value)}  ${clean(item)}`)}\n${labelledLines(breakable, width)}`;
}

/** Which demonstrations: their seed, and `a` or `b` for the one list of it or the other. */
function listName({ demonstrationSeed, demonstrationList }: Pick<Answer, 'demonstrationSeed' | 'demonstrationList'>) {
  return `${demonstrationSeed}${demonstrationList === 0 ? 'a' : 'b'}`;
}

/** Lines of what a model read or wrote: also a word that is too long is broken. */
function wrapped(text: string, width: number): string[] {
  return clean(text)
    .split('\n')
    .flatMap((line) =>
      wrap(
        line.replaceAll(/\S+/g, (word) => pieces(word, width).join(' ')),
        width,
      ),
    );
}

/** A word in pieces of at most `width`, each character whole. */
function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  const parts = [''];
  for (const character of word) {
    if (parts.at(-1)!.length + character.length > width) parts.push(character);
    else parts[parts.length - 1] += character;
  }
  return parts;
}
