import { DRAWN_KINDS, type DrawnKind } from '../data/drawn.js';
import type { StageRow } from '../store/rows.js';
import type { Column } from './layout.js';
import type { Section } from './section.js';

/** What one kind of sequence was, in trainings of one mixture. */
export interface DrawnData {
  readonly kind: DrawnKind;
  /** Share of all sequences that the recipe asks for. */
  readonly asked: number;
  readonly sequences: number;
  /** Text tokens. */
  readonly tokens: number;
  readonly pictures: number;
}

/** Trainings that asked for the same shares, taken together. */
export interface DrawnMixture {
  readonly trainings: number;
  readonly kinds: readonly DrawnData[];
}

/** A summary of what was drawn: see src/train/drawn-summary.ts. */
type Amounts = Readonly<Record<string, number>>;

/** What a run's multimodal trainings drew, mixture by mixture, in the order in which they were trained. */
export function drawnMixtures(stages: readonly StageRow[]): DrawnMixture[] {
  const done = stages.filter(({ kind, status }) => kind === 'pretrain' && status === 'done');
  const together = new Map<string, StageRow[]>();
  for (const stage of done) {
    const asked = JSON.stringify(stage.summary['sequences asked']);
    together.set(asked, [...(together.get(asked) ?? []), stage]);
  }
  return [...together.values()].map((trainings) => {
    const asked = trainings[0]!.summary['sequences asked'] as Amounts;
    const total = (what: string, kind: DrawnKind) =>
      trainings.reduce((sum, { summary }) => sum + ((summary[what] as Amounts)[kind] ?? 0), 0);
    const kinds = DRAWN_KINDS.filter((kind) => asked[kind] !== undefined).map((kind) => ({
      kind,
      asked: asked[kind]!,
      sequences: total('sequences drawn', kind),
      tokens: total('text tokens drawn', kind),
      pictures: total('pictures drawn', kind),
    }));
    return { trainings: trainings.length, kinds };
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'kind' },
  { title: 'asked', align: 'right' },
  { title: 'sequences', align: 'right' },
  { title: 'share', align: 'right' },
  { title: 'text tokens', align: 'right' },
  { title: 'share', align: 'right' },
  { title: 'pictures', align: 'right' },
];

/** One mixture: what was asked for beside what was drawn. */
export function mixtureSection({ trainings, kinds }: DrawnMixture): Section {
  const total = (what: 'sequences' | 'tokens') => kinds.reduce((sum, each) => sum + each[what], 0);
  const share = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)}%`;
  const rows = kinds.map(({ kind, asked, sequences, tokens, pictures }) => [
    kind,
    share(asked, 1),
    sequences.toLocaleString('en'),
    share(sequences, total('sequences')),
    tokens.toLocaleString('en'),
    share(tokens, total('tokens')),
    pictures.toLocaleString('en'),
  ]);
  const title = `TRAINING DATA DRAWN, ${trainings} training${trainings === 1 ? '' : 's'}`;
  return { title, tables: [{ columns: COLUMNS, rows }] };
}
