import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Scalar } from '../config/recipe.js';
import { packageRoot } from '../package-root.js';
import type { VariantScore } from './compare.js';
import type { Effect, LevelPair } from './effects.js';
import { lookOf } from './grades.js';
import type { RunRecord } from './observations.js';
import { variantNumber } from './settings.js';
import { type Correlation, spearman } from './statistics/correlation.js';
import { mean } from './statistics/descriptive.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const mark = z.enum(['read', 'recalled']);
const schema = z.strictObject({
  name: z.string(),
  source: z.string(),
  rows: z.array(
    z.strictObject({ settings: z.record(z.string(), scalar), scores: z.record(z.string(), z.number()), mark }),
  ),
  claims: z.array(
    z.union([
      z.strictObject({
        axis: z.string(),
        better: scalar,
        worse: scalar,
        by: z.number().optional(),
        shots: z.array(z.number()).optional(),
        where: z.string(),
        mark,
      }),
      z.strictObject({ axis: z.string(), equal: z.array(scalar), where: z.string(), mark }),
    ]),
  ),
});

export type Mark = z.infer<typeof mark>;

/** A published row beside the variants of the run that have its settings. */
export interface PublishedRow {
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly mark: Mark;
  /** Numbers of the variants; their mean stands beside the row. */
  readonly variants: readonly number[];
  readonly scores: readonly { readonly shots: number; readonly published: number; readonly ours: number }[];
}

/** What a claim about an axis comes to here, at one number of shots. */
export interface CheckedClaim {
  readonly claim: string;
  readonly where: string;
  readonly mark: Mark;
  readonly shots: number;
  /** `undecided`: neither direction lies outside the interval. */
  readonly verdict: 'agrees' | 'disagrees' | 'undecided';
  /** What the better level scores more here, or of equals the widest pair; with its 95% interval. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** A run beside what was published. */
export interface Published {
  readonly name: string;
  readonly source: string;
  readonly rows: readonly PublishedRow[];
  /** Of the rows' order, by number of shots; null where fewer than three rows are matched. */
  readonly order: readonly { readonly shots: number; readonly spearman: Correlation | null }[];
  readonly claims: readonly CheckedClaim[];
}

/** What variants score in a mean over tasks. */
interface MeanScores {
  readonly mean: string;
  readonly shots: number;
  readonly variants: readonly Pick<VariantScore, 'variant' | 'mean'>[];
}

const FILE = join(packageRoot(), 'configs', 'published', 'mm1.yaml');

/**
 * Puts a run beside MM1's published numbers: rows are matched by the variants' recipes, but for enlarged pictures, of which
 * MM1 has none; claims by the axes.
 * @param margin points within which levels that are said to be equal are
 */
export function besidePublished(
  record: RunRecord,
  means: readonly MeanScores[],
  effects: ReadonlyMap<number, readonly Effect[]>,
  margin: number,
): Published {
  const { name, source, rows, claims } = schema.parse(parse(readFileSync(FILE, 'utf8')));
  const wholes = means.filter((each) => each.mean === 'mm1');
  const matched = rows.flatMap(({ settings, scores, mark: known }): PublishedRow[] => {
    const variants = record.variants.filter(
      ({ recipe }) =>
        lookOf(recipe).detail === null && Object.entries(settings).every(([path, value]) => at(recipe, path) === value),
    );
    const numbers = variants.map(variantNumber);
    const own = wholes.flatMap((whole) => {
      const published = scores[String(whole.shots)];
      const values = whole.variants.filter(({ variant }) => numbers.includes(variant)).map((score) => score.mean);
      return published === undefined || values.length === 0
        ? []
        : [{ shots: whole.shots, published, ours: mean(values) }];
    });
    return own.length === 0 ? [] : [{ settings, mark: known, variants: numbers, scores: own }];
  });
  const order = wholes.map(({ shots }) => {
    const pairs = matched.flatMap((row) => row.scores.filter((score) => score.shots === shots));
    return {
      shots,
      spearman: spearman(
        pairs.map(({ published }) => published),
        pairs.map(({ ours }) => ours),
      ),
    };
  });
  const checked = [...effects].flatMap(([shots, own]) =>
    claims.flatMap((claim) => checkedClaim(claim, shots, own, margin)),
  );
  return { name, source, rows: matched, order: order.filter((each) => each.spearman !== null), claims: checked };
}

type Claim = z.infer<typeof schema>['claims'][number];

function checkedClaim(claim: Claim, shots: number, effects: readonly Effect[], margin: number): CheckedClaim[] {
  const effect = effects.find(({ axis }) => axis === claim.axis);
  if (!effect) return [];
  const common = { where: claim.where, mark: claim.mark, shots };
  if ('equal' in claim) {
    const own = effect.pairs.filter(({ levels }) => levels.every((level) => claim.equal.includes(level)));
    const [widest] = [...own].sort((a, b) => b.equalWithin - a.equalWithin);
    if (!widest) return [];
    const verdict = own.some((pair) => pair.holm < 0.05)
      ? 'disagrees'
      : widest.equalWithin <= margin
        ? 'agrees'
        : 'undecided';
    const { difference, low, high } = widest;
    return [{ claim: `${claim.axis} hardly matters`, ...common, verdict, difference, low, high }];
  }
  if (claim.shots && !claim.shots.includes(shots)) return [];
  const pair = effect.pairs.find(({ levels }) => levels.includes(claim.better) && levels.includes(claim.worse));
  if (!pair) return [];
  const { difference, low, high } = pair.levels[0] === claim.better ? pair : turned(pair);
  const by = claim.by === undefined ? '' : `, by about ${claim.by}`;
  const verdict = low > 0 ? 'agrees' : high < 0 ? 'disagrees' : 'undecided';
  const text = `${claim.axis} ${claim.better} scores more than ${claim.worse}${by}`;
  return [{ claim: text, ...common, verdict, difference, low, high }];
}

/** The same pair seen from its other level. */
function turned({ difference, low, high }: LevelPair): { difference: number; low: number; high: number } {
  return { difference: -difference, low: -high, high: -low };
}

/** A recipe's setting by its dotted path. */
function at(recipe: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined,
      recipe,
    );
}
