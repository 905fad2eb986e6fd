import type { BuiltInCorpus, Counts } from '../data/corpora/corpus.js';
import type { SourceDocument } from '../data/sources/source.js';
import { clean } from './clean.js';
import { type Column, columnTable, labelledLines, wrap } from './layout.js';

/** A corpus, and what it holds: null where it is not installed. */
export interface ListedCorpus {
  readonly corpus: BuiltInCorpus;
  readonly counts: Counts | null;
}

const COLUMNS: readonly Column[] = [
  { title: 'corpus' },
  { title: 'kind' },
  { title: 'pictures', align: 'right' },
  { title: 'documents', align: 'right' },
  { title: 'words', align: 'right' },
  { title: 'licence' },
  { title: 'installed' },
];

const WIDTH = 99;
/** Characters of a document's text that a sample shows. */
const LONGEST = 600;

/** Every corpus as a table of at most 99 columns, then what each is and how the others are installed. */
export function renderCorpora(list: readonly ListedCorpus[], heading: (text: string) => string): string {
  const rows = list.map(({ corpus: { name, kind, licence, debian }, counts }) => [
    name,
    kind,
    ...(['pictures', 'documents', 'words'] as const).map((what) => counts?.[what].toLocaleString('en') ?? '-'),
    licence,
    installed(debian, counts),
  ]);
  const about = list.map(({ corpus: { name, about } }): [string, string] => [name, about]);
  const notes =
    'Pictures count once for each document that shows them; words are those of all texts. A part of each corpus is held ' +
    'out and never trained on: whole concepts, chapters, speeches of a year, pages. "mm1 data show <corpus>" shows ' +
    'samples; "mm1 data install <corpus>" downloads a Debian package, without root.';
  return [
    `${heading('CORPORA')}\n${columnTable(COLUMNS, rows)}`,
    labelledLines(about, WIDTH),
    `${wrap(notes, WIDTH).join('\n')}\n`,
  ].join('\n\n');
}

function installed(debian: BuiltInCorpus['debian'], counts: Counts | null): string {
  if (debian === null) return 'with mm1';
  return counts ? 'yes' : `no, ${debian.megabytes} MB`;
}

/** Documents' texts; pictures by their number on the contact sheet, counted from 1, row by row. */
export function renderSample(documents: readonly SourceDocument[], heading: (text: string) => string): string {
  let picture = 0;
  const block = (document: SourceDocument) => `${heading(clean(document.id))}\n${clip(body(document))}\n`;
  const body = (document: SourceDocument): string => {
    switch (document.kind) {
      case 'text':
        return clean(document.text);
      case 'caption':
        return [`[picture ${++picture}]`, ...[...document.alt, ...document.rewritten].map(clean)].join('\n');
      case 'question':
        return `[picture ${++picture}]\n${clean(document.question)} ${document.answers.map(clean).join(' / ')}`;
      case 'interleaved':
        return document.pieces
          .map((piece) => ('image' in piece ? `[picture ${++picture}] ` : `${clean(piece.text)}\n`))
          .join('');
    }
  };
  return documents.map(block).join('\n');
}

function clip(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST).trimEnd()}…` : text.trimEnd();
  return short
    .split('\n')
    .flatMap((line) => wrap(line, WIDTH - 2))
    .map((line) => `  ${line}`)
    .join('\n');
}
