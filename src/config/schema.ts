import { z } from 'zod';
import { evaluationSchema } from './evaluation.js';
import { OF_TRIAL } from './own-seed.js';
import { DESIGN_KINDS } from './plan.js';
import {
  CONNECTOR_TYPES,
  CONTRASTS,
  ENCODER_DATA,
  ENCODER_MODELS,
  ENCODER_TYPES,
  LANGUAGE_MODEL_TYPES,
  PARTS,
  PRECISIONS,
  type Recipe,
  SCALE_NAMES,
  SCHEDULES,
} from './recipe.js';
import { slurmSchema } from './slurm.js';
import { sourceList } from './source-list.js';

const count = z.int().positive();
const rate = z.number().positive();
const weight = z.number().nonnegative();
/** Seeds fit into 31 bits, so that every generator and the database take them as they are. */
const seed = z
  .int()
  .nonnegative()
  .max(2 ** 31 - 1);

const ownSeed = z.union([z.literal(OF_TRIAL), seed], {
  error: () => 'must be a seed, or trial: each trial seed then has a training of its own',
});

const tokens = count.refine((value) => value < 1 || Number.isInteger(Math.sqrt(value)), {
  error: ({ input }) => {
    const side = Math.floor(Math.sqrt(input as number));
    return `must be a square, since visual tokens form a square grid; the nearest are ${side ** 2} and ${(side + 1) ** 2}`;
  },
});

/** Every way to freeze some parts, as the recipe writes it: `none`, `encoder`, `encoder+language_model` and so on. */
const FROZEN = Array.from({ length: 2 ** PARTS.length }, (_, bits) =>
  joined(PARTS.filter((_part, i) => bits & (2 ** i))),
);

function joined(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join('+') : 'none';
}

/** A grid lists the frozen parts; the recipe, where one thing must have one name, joins them in their order. */
const freeze = z.union(
  [z.enum(FROZEN), z.array(z.enum(PARTS)).transform((parts) => joined(PARTS.filter((part) => parts.includes(part))))],
  { error: `must be a list of parts: ${PARTS.join(', ')}` },
);

/** A share as MM1 writes it: "7% of captions" is `0.07 of captions`. */
const OF_CAPTIONS = /^(\d+(\.\d+)?|\.\d+) of captions$/;

/** A grid may say what the share is of; the recipe has the number alone. */
const shareOfCaptions = z.union(
  [
    z.number().min(0).max(1),
    z
      .string()
      .regex(OF_CAPTIONS)
      .transform((text) => Number.parseFloat(text))
      .pipe(z.number().max(1)),
  ],
  { error: 'must be a share from 0 to 1, for instance 0.07, or "0.07 of captions"' },
);

/** Experts that a token is sent to in MM1: no layer has fewer. */
const CHOSEN_EXPERTS = 2;

const CONTROL_CHARACTERS = /\p{Cc}/u;

/** A folder, relative to the grid's own, or `none` for a part that is trained here. */
const folder = z.string().refine((path) => path.trim() !== '' && !CONTROL_CHARACTERS.test(path), {
  error: 'must be a folder with config.json and weights, or "none"',
});

/** Settings that stand in no group: beside the grid's base. */
const ungrouped = { precision: z.enum(PRECISIONS) };

/** The grid's groups of settings. */
const sections = {
  encoder: z.strictObject({
    type: z.enum(ENCODER_TYPES),
    checkpoint: folder,
    model: z.enum(ENCODER_MODELS),
    patch: count,
    resolution: count,
    keep_patches: count,
    contrast: z.enum(CONTRASTS),
    data: z.enum(ENCODER_DATA),
    pictures: count,
    steps: count,
    batch: count,
    learning_rate: rate,
    seed: ownSeed,
  }),
  connector: z.strictObject({ type: z.enum(CONNECTOR_TYPES), tokens, learning_rate: rate }),
  language_model: z.strictObject({
    type: z.enum(LANGUAGE_MODEL_TYPES),
    size: z.enum(SCALE_NAMES).optional(),
    checkpoint: folder,
    experts: z.int().min(CHOSEN_EXPERTS).optional(),
    expert_every: count.optional(),
    steps: count,
    batch: count,
    learning_rate: rate,
    seed: ownSeed,
  }),
  data: z.strictObject({
    caption: weight,
    interleaved: weight,
    text: weight,
    question: weight,
    vecap: shareOfCaptions,
    caption_from: sourceList,
    interleaved_from: sourceList,
    text_from: sourceList,
    question_from: sourceList,
    documents: count,
    text_documents: count,
    concepts: count,
    detail: count.optional(),
    text_tokens: count,
    images: z.int().nonnegative(),
  }),
  training: z.strictObject({
    steps: count,
    batch: count,
    accumulate: count,
    learning_rate: z.union([rate, z.literal('paper')], {
      error: 'must be greater than 0, or "paper" for MM1\'s own rule',
    }),
    encoder_learning_rate: rate,
    schedule: z.enum(SCHEDULES),
    freeze,
    weight_decay: weight,
    clip: rate,
    warmup: z.int().nonnegative(),
  }),
};

const checkpoint = z.strictObject({
  sha256: z.string(),
  sizes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** Sources that were looked at. */
const sources = z.array(z.strictObject({ source: z.string(), sha256: z.string().optional(), weight }));

/** One fully resolved recipe: a part is trained here, or it is a checkpoint. */
export const recipeSchema = z.strictObject({
  scale: z.enum(SCALE_NAMES),
  ...ungrouped,
  ...sections,
  encoder: z.union([
    sections.encoder.omit({ checkpoint: true }),
    z.strictObject({ type: z.literal('clip'), checkpoint, patch: count, resolution: count }),
  ]),
  language_model: z.union([sections.language_model.omit({ checkpoint: true }), z.strictObject({ checkpoint })]),
  data: sections.data.extend({
    caption_from: sources,
    interleaved_from: sources,
    text_from: sources,
    question_from: sources,
  }),
}) satisfies z.ZodType<Recipe>;

/** Every setting that an axis can vary, by its dotted path. */
export const SETTINGS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ...Object.entries(ungrouped),
  ...Object.entries(sections).flatMap(([section, schema]) =>
    Object.entries(schema.shape).map(([key, setting]): [string, z.ZodType] => [`${section}.${key}`, setting]),
  ),
]);

/** Where a grid writes a setting that all of its variants share. */
export function basePath(setting: string): readonly string[] {
  return setting in ungrouped ? [setting] : ['base', ...setting.split('.')];
}

/** Text that is printed on a terminal: one line, however it is folded in the file. */
const line = (longest: number) =>
  z
    .string()
    .transform((text) => text.trim().replaceAll(/\s+/g, ' '))
    .refine((text) => text.length >= 1 && text.length <= longest && !CONTROL_CHARACTERS.test(text), {
      error: `must be text of 1 to ${longest} characters without control characters`,
    });

/** Resolution of a fraction where the grid does not say: no effect of one axis is mixed with one of two. */
export const RESOLUTION = 4;

/** Settings that all variants have. */
const baseSchema = z
  .strictObject({
    encoder: sections.encoder.partial(),
    connector: sections.connector.partial(),
    language_model: sections.language_model.partial(),
    data: sections.data.partial(),
    training: sections.training.partial(),
  })
  .partial();

/** The grid file. Axes are checked on their own, each by the setting that its path names. */
export const gridSchema = z.strictObject({
  name: line(80).optional(),
  question: line(500).optional(),
  scale: z.enum(SCALE_NAMES).default('nano'),
  precision: ungrouped.precision.optional(),
  seeds: z.array(seed).min(1),
  extends: z.string().optional(),
  design: z.enum(DESIGN_KINDS).default('full'),
  resolution: z.int().min(3).max(8).optional(),
  base: baseSchema.default({}),
  scales: z.partialRecord(z.enum(SCALE_NAMES), baseSchema).default({}),
  axes: z.record(z.string(), z.unknown()).default({}),
  variants: z.unknown().optional(),
  exclude: z.unknown().optional(),
  evaluation: evaluationSchema.default({}),
  slurm: slurmSchema.default({}),
});

/** The valid keys of the map at a path of the grid file; none where no map belongs. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  const [top, section] = path;
  if (top === 'scales') return path.length === 1 ? SCALE_NAMES : keysAt(['base', ...path.slice(2)]);
  if (top === undefined) return Object.keys(gridSchema.shape);
  if (top === 'evaluation') return Object.keys(evaluationSchema.shape);
  if (top === 'slurm') return Object.keys(slurmSchema.shape);
  if (section === undefined) return Object.keys(sections);
  return Object.keys(sections[section as keyof typeof sections].shape);
}

export const seedSchema = seed;
