import { stringify } from 'yaml';
import type { DataKind, ScaleName } from './recipe.js';

/** Something that a grid can vary, as `mm1 init` offers it. */
export interface Variation {
  readonly name: string;
  /** What is asked, for a list. */
  readonly about: string;
  /** The axis, as a grid writes it. */
  readonly axis: Readonly<Record<string, unknown>>;
  /** Above the axis. */
  readonly comment: string;
}

/** What MM1's ablations vary, and what others' do. */
export const VARIATIONS: readonly Variation[] = [
  {
    name: 'connector',
    about: 'how visual tokens are made of patches',
    axis: { 'connector.type': ['average-pool', 'attention-pool', 'c-abstractor'] },
    comment: 'MM1, figure 4; beyond it resampler and pixel-shuffle, and linear and mlp, which keep every patch',
  },
  {
    name: 'tokens',
    about: 'how many visual tokens a picture has',
    axis: { 'connector.tokens': [64, 144] },
    comment: 'MM1, figure 4: squares, at most the patches of a picture',
  },
  {
    name: 'resolution',
    about: 'how large pictures are',
    axis: { 'encoder.resolution': [224, 336] },
    comment: 'MM1, table 1: multiples of encoder.patch; each needs an encoder of its own',
  },
  {
    name: 'encoder',
    about: 'contrastive or reconstructive pre-training of the encoder',
    axis: { 'encoder.type': ['clip', 'aim'] },
    comment: 'MM1, table 1; encoder.model has their sizes: vit-b, vit-l, vit-h, aim-600m, aim-1b, aim-3b',
  },
  {
    name: 'encoder-data',
    about: 'what the encoder was pre-trained on',
    axis: { 'encoder.data': ['dfn-5b', 'dfn-5b+vecap'] },
    comment: 'MM1, table 1, in the same proportions; `mm1 data` says what stands for them',
  },
  {
    name: 'mix',
    about: 'captioned pictures or interleaved documents',
    axis: {
      'data.caption, data.interleaved': [
        [90, 0],
        [45, 45],
        [15, 75],
      ],
    },
    comment: 'MM1, figure 5a: weights of training sequences, beside data.text below',
  },
  {
    name: 'text',
    about: 'text alone beside pictures',
    axis: { 'data.text': [0, 10] },
    comment: 'MM1, figure 5b',
  },
  {
    name: 'vecap',
    about: 'captions that were rewritten to name what is visible',
    axis: { 'data.vecap': [0, '0.07 of captions'] },
    comment: 'MM1, figure 5d: sources without rewritten captions have none to give',
  },
  {
    name: 'freezing',
    about: 'which parts learn',
    axis: { 'training.freeze': [['encoder'], []] },
    comment: 'an encoder that learns costs several times as much a step, for its features cannot be kept',
  },
  {
    name: 'experts',
    about: 'a dense language model or a mixture of experts',
    axis: { 'language_model.type': ['dense', 'moe'] },
    comment: 'MM1, section 3.4',
  },
];

/** Somebody's own data, as a grid names it, and what it gives. */
export interface OwnData {
  readonly source: unknown;
  readonly kind: Extract<DataKind, 'caption' | 'question' | 'text'>;
}

/** What a new grid is made of. */
export interface NewGrid {
  /** Where it will lie, for the commands in its head. */
  readonly file: string;
  readonly question: string;
  readonly vary: readonly Variation[];
  /** Null: what mm1 brings along. */
  readonly data: OwnData | null;
  /** Items that nothing was trained on; null: mm1's own tasks. */
  readonly test: OwnData | null;
  readonly scale: ScaleName;
  readonly seeds: readonly number[];
}

/** Combinations up to which a new grid runs every one of them. */
const MOST_COMBINATIONS = 12;

/** A grid for somebody's own question, with what to know where it is needed. It is valid as it stands. */
export function newGridText({ file, question, vary, data, test, scale, seeds }: NewGrid): string {
  const combinations = vary.reduce((product, { axis }) => product * (Object.values(axis)[0] as unknown[]).length, 1);
  const design = combinations <= MOST_COMBINATIONS ? 'full' : 'one-at-a-time';
  const flow = (value: unknown) =>
    stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
  const setting = (key: string, value: unknown) => `${flow(key)}: ${flow(value)}`;
  const own =
    data && `    ${setting(`${data.kind}_from`, [data.source])} # several sources share a kind, each with its weight`;
  const axes = vary.flatMap(({ axis, comment }) => [
    `  # ${comment}`,
    ...Object.entries(axis).map(([path, values]) => `  ${setting(path, values)}`),
  ]);
  const tasks = test ? [{ ...(test.source as object), name: `my-${test.kind}s` }] : ['emoji-caption', 'emoji-question'];
  return `# ${question}
#
#   mm1 plan ${file}      what it will run and take: variants, stages, memory, time; runs nothing
#   mm1 ablate ${file}    runs it; the same command goes on where it was
#   mm1 report --run latest --format html --open
#
# What is not said here comes from the scale. \`mm1 schema\` prints a JSON Schema by which editors complete a grid.

${setting('question', question)}
scale: ${scale} # smoke: does it run; nano: a laptop; micro, small, base: a GPU; 3b, 7b, 30b: the paper's own
seeds: ${flow(seeds)} # each trains every variant anew: with fewer than three nobody knows how much training varies
${
  design === 'full'
    ? 'design: full # every combination: shows whether the effect of one axis depends on another'
    : 'design: one-at-a-time # as in the paper: the base, and each axis by itself; full: every combination'
}

base: # what no axis varies
  data:
    # How often a training sequence is of each kind: numbers need not sum to anything.
    caption: 45 # a picture and its text: the encoder is pre-trained on them too
    interleaved: ${vary.some(({ name }) => name === 'mix') ? '45' : '0'} # documents of text and pictures: what answers after demonstrations are learned from
    question: ${data?.kind === 'question' || !data ? '45' : '0'} # questions about a picture
    text: 10
${own ? `${own}\n` : ''}
axes:
${axes.join('\n')}

evaluation: # the same items for every variant, asked as they are, without their picture, and with another's
  ${setting('tasks', tasks)}
  shots: [0] # demonstrations before the question: [0, 4, 8] in the paper
`;
}
