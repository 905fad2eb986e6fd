import { basename, extname } from 'node:path';
import { addDuplicates, checkAxes, checkVariants, type ReadAxis } from './axes.js';
import { faultySettings, validBase } from './base.js';
import { checkVariant } from './breaches.js';
import { type CheckpointReader, findCheckpoints, isUnread, LOADED_PARTS } from './checkpoints.js';
import { readExclusions, readOnly, withConditions } from './conditions.js';
import { deepFreeze } from './deep-freeze.js';
import { addIssues, isMap, sentence, show, valueAt } from './describe.js';
import { findEvaluation } from './evaluation.js';
import { countCells, type Expansion, expand } from './expand.js';
import { type GridText, readGrid } from './grid-text.js';
import { hashOf } from './hash.js';
import { suggest } from './nearest.js';
import type { Plan, Variant } from './plan.js';
import { Problems, type Where } from './problems.js';
import { readGridText } from './read.js';
import { SCALE_NAMES, type Scalar, type ScaleName } from './recipe.js';
import { defaultEvaluation } from './scales.js';
import { gridSchema, keysAt, RESOLUTION, seedSchema } from './schema.js';
import { findSources, isUnfound, type SourceReader } from './sources.js';

/** What the command line says in place of the grid file. */
export interface Overrides {
  readonly scale?: string;
  readonly seeds?: readonly number[];
  /** Settings in place of the grid's own: `data.text=20`. */
  readonly set?: readonly string[];
  /** Which variants alone: `connector.type=c-abstractor`. */
  readonly only?: readonly string[];
}

const MOST_VARIANTS = 10_000;
/** Most cells that a fraction is taken of. */
const MOST_CELLS = 2 ** 16;

/**
 * Reads a grid file, validates it whole, and expands it: there is no plan unless every variant is valid.
 *
 * @param file path of the YAML file; its base name is the plan's name where the grid gives none
 * @param readCheckpoint looks at the checkpoints that the grid names; a grid that names none does without
 * @param readSource looks at the sources of data that the grid names; a grid that names none does without
 * @returns the plan, frozen through and through
 * @throws Mm1Error E_FILE when the file cannot be read, E_GRID with everything that is wrong in it
 */
export function loadGrid(
  file: string,
  overrides: Overrides = {},
  readCheckpoint: CheckpointReader = noReader,
  readSource: SourceReader = noReader,
): Plan {
  const text = readGridText(file);
  const problems = new Problems(file, text);
  const document = readGrid(file, text, overrides, problems);
  const reading = { document, problems };

  const parsed = gridSchema.safeParse(document.value);
  if (parsed.error) addIssues(parsed.error, document.value, document, problems, keysAt);
  for (const path of [['seeds'], ['evaluation', 'shots']]) {
    const list = valueAt(document.value, path);
    if (Array.isArray(list)) addDuplicates(list, path, path.join('.'), document, problems);
  }
  const scale = checkScale(valueAt(document.value, ['scale']) ?? 'nano', overrides, problems);
  if (overrides.seeds) checkSeeds(overrides.seeds, problems);

  const faulty = faultySettings(document.value);
  const written = validBase(document.value, faulty);
  const valid = readAxes(document, problems);
  const varied = valid.flatMap((each) => each.written);
  const checkpoints = findCheckpoints(file, written, varied, readCheckpoint, document, problems);
  const sources = findSources(file, written, varied, readSource, document, problems);
  const evaluation = findEvaluation(
    { gridFile: file, document, read: readSource, problems },
    defaultEvaluation(scale ?? 'nano'),
  );
  const unread = (path: string, value: Scalar) => isUnread(path, value, checkpoints) || isUnfound(path, value, sources);
  const base = Object.fromEntries(Object.entries(written).filter(([path, value]) => !unread(path, value)));
  const axes = valid.map((each) => withoutUnread(each, unread)).filter(({ axis }) => axis.values.length > 0);
  for (const part of LOADED_PARTS) {
    // What a checkpoint would have said of pictures is not known.
    const path = `${part}.checkpoint`;
    const sets = (list: readonly ReadAxis[]) => list.some((each) => each.written.some((value) => value.path === path));
    const lost = sets(valid) && !sets(axes);
    if (!lost && written[path] === base[path]) continue;
    for (const each of [path, 'encoder.patch', 'encoder.resolution']) faulty.add(each);
  }
  const given = valueAt(document.value, ['axes']);
  for (const path of Object.keys(isMap(given) ? given : {}))
    if (!axes.some(({ at }) => at[1] === path)) faulty.add(path);

  const spanned = axes.map(({ axis }) => axis);
  const exclusions = readExclusions(document.value.exclude, spanned, reading);
  const only = readOnly(overrides.only ?? [], spanned, reading);
  const kind = parsed.data?.design ?? 'full';
  checkCount(countCells(spanned), kind === 'fraction' ? MOST_CELLS : MOST_VARIANTS, document, problems);
  const design = { kind, resolution: parsed.data?.resolution ?? RESOLUTION };
  if (parsed.data?.resolution !== undefined && kind !== 'fraction')
    problems.add(document.placeOf(['resolution']), `resolution is of design: fraction, and the design is ${kind}`);
  const expansion = expand({
    axes: spanned,
    base,
    scale: scale ?? 'nano',
    checkpoints,
    sources,
    design,
    exclusions,
    only,
  });
  const { variants } = expansion;
  checkCount(variants.length, MOST_VARIANTS, document, problems);
  for (const variant of variants) checkVariant(variant, { axes, base, faulty, evaluation }, reading);
  checkExpansion(expansion, overrides, document, problems);
  if (problems.count > 0 || !parsed.data || !scale) throw problems.error();

  const { question = null } = parsed.data;
  const name = parsed.data.name ?? basename(file, extname(file));
  const seeds = overrides.seeds ?? parsed.data.seeds;
  const keys = variants.map(({ key }) => key);
  return deepFreeze({
    name,
    question,
    scale,
    seeds,
    axes: expansion.axes,
    design: expansion.design,
    exclusions: expansion.exclusions,
    variants: variants.map(({ effective: _, ...variant }): Variant => variant),
    evaluation,
    slurm: parsed.data.slurm,
    checkpoints: checkpoints.folders,
    gridPath: file,
    gridText: text,
    hash: hashOf({ name, keys, seeds, evaluation }),
  });
}

const noReader = (): never => {
  throw new Error('the grid names a checkpoint or a source of data, and nothing was given to read it with');
};

/** The grid's axes, and its explicit variants, which are an axis of rows. */
function readAxes(document: GridText, problems: Problems): ReadAxis[] {
  const reading = { document, problems };
  const { axes, variants } = document.value;
  const listed = checkVariants(variants, reading);
  if (!isMap(axes)) return listed;
  return [...listed, ...withConditions(checkAxes(axes, listed, reading), axes, reading)];
}

/** An axis without the values of which a file could not be read. */
function withoutUnread({ axis, written, at }: ReadAxis, unread: (path: string, value: Scalar) => boolean): ReadAxis {
  const { path, values, rows } = axis;
  const kept = values.filter((value) =>
    rows ? !Object.entries(rows[String(value)]!).some(([setting, own]) => unread(setting, own)) : !unread(path, value),
  );
  return { axis: { ...axis, values: kept }, written: written.filter((each) => !unread(each.path, each.value)), at };
}

function checkCount(count: number, most: number, document: GridText, problems: Problems): void {
  if (count <= most) return;
  const message = `the axes span ${count} variants, and a grid has at most ${most}`;
  problems.add(document.placeOfKey(['axes']), message);
  throw problems.error();
}

/** Sees that something is left to be run, and no variant twice. */
function checkExpansion(
  { variants, axes }: Expansion,
  overrides: Overrides,
  document: GridText,
  problems: Problems,
): void {
  const place = document.placeOfKey(axes.length > 0 ? ['axes'] : []);
  if (variants.length === 0 && problems.count === 0) {
    const why =
      (overrides.only?.length ?? 0) > 0
        ? 'what --only asks for is excluded or none of its variants'
        : 'exclude takes all of them';
    problems.add(place, `the grid has no variant left: ${why}`);
  }
  if (problems.count > 0) return; // what is wrong already may be why
  const seen = new Map<string, Variant>();
  for (const variant of variants) {
    const other = seen.get(variant.key);
    const [one, two] = [other, variant].map((each) =>
      JSON.stringify(each?.settings ?? {})
        .slice(1, -1)
        .replaceAll('"', ''),
    );
    if (other) problems.add(place, `two variants have one recipe: ${one}; and ${two}`);
    seen.set(variant.key, variant);
  }
}

function checkScale(inFile: unknown, overrides: Overrides, problems: Problems): ScaleName | undefined {
  const typed = overrides.scale ?? inFile;
  const scale = SCALE_NAMES.find((name) => name === typed);
  if (!scale && overrides.scale !== undefined) {
    problems.add(
      { option: '--scale' },
      `unknown scale ${show(overrides.scale)}: ${suggest(overrides.scale, SCALE_NAMES)}`,
    );
  }
  return scale;
}

function checkSeeds(seeds: readonly number[], problems: Problems): void {
  const where: Where = { option: '--seeds' };
  if (seeds.length === 0) problems.add(where, 'give at least one seed');
  seeds.forEach((seed, index) => {
    for (const issue of seedSchema.safeParse(seed).error?.issues ?? [])
      problems.add(where, `a seed ${sentence(issue, seed)}`);
    if (seeds.indexOf(seed) < index) problems.add(where, `the seed ${seed} is given twice`);
  });
}
