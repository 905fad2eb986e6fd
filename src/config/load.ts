import { basename, extname } from 'node:path';
import { addDuplicates, checkAxes } from './axes.js';
import { type CheckpointReader, checkLoaded, findCheckpoints, isUnread, LOADED_PARTS } from './checkpoints.js';
import { addIssues, isMap, sentence, show, valueAt } from './describe.js';
import { GridDocument, type Path } from './document.js';
import { findEvaluation } from './evaluation.js';
import { countVariants, deepFreeze, expand } from './expand.js';
import { hashOf } from './hash.js';
import { suggest } from './nearest.js';
import { Problems, type Where } from './problems.js';
import { readGridText } from './read.js';
import { type Plan, SCALE_NAMES, type Scalar, type ScaleName, type Settings, type Variant } from './recipe.js';
import { type Breach, checkRules, checkShots } from './rules.js';
import { defaultEvaluation } from './scales.js';
import { basePath, gridSchema, keysAt, SETTINGS, seedSchema } from './schema.js';
import { findSources, isUnfound, type SourceReader } from './sources.js';

/** What the command line says in place of the grid file. */
export interface Overrides {
  readonly scale?: string;
  readonly seeds?: readonly number[];
}

const MOST_VARIANTS = 10_000;

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
  const document = new GridDocument(text, problems);
  if (document.value === null) problems.add({ line: 1, column: 1, length: 1 }, 'the file is empty');
  // With broken YAML everything that follows would be a guess.
  if (!isMap(document.value)) {
    if (problems.count === 0)
      problems.add(document.placeOf([]), `the grid must be a map, but is ${show(document.value)}`);
    throw problems.error();
  }

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
  const given = valueAt(document.value, ['axes']);
  const valid = isMap(given) ? checkAxes(given, document, problems) : [];
  const checkpoints = findCheckpoints(file, written, valid, readCheckpoint, document, problems);
  const sources = findSources(file, written, valid, readSource, document, problems);
  const reading = { gridFile: file, document, read: readSource, problems };
  const evaluation = findEvaluation(reading, defaultEvaluation(scale ?? 'nano'));
  const unread = (path: string, value: Scalar) => isUnread(path, value, checkpoints) || isUnfound(path, value, sources);
  const base = Object.fromEntries(Object.entries(written).filter(([path, value]) => !unread(path, value)));
  const axes = valid
    .map(({ path, values }) => ({ path, values: values.filter((value) => !unread(path, value)) }))
    .filter(({ values }) => values.length > 0);
  for (const part of LOADED_PARTS) {
    // What a checkpoint would have said of pictures is not known.
    const path = `${part}.checkpoint`;
    const lost = valid.some((axis) => axis.path === path) && !axes.some((axis) => axis.path === path);
    if (!lost && written[path] === base[path]) continue;
    for (const each of [path, 'encoder.patch', 'encoder.resolution']) faulty.add(each);
  }
  for (const path of Object.keys(given ?? {})) if (!axes.some((axis) => axis.path === path)) faulty.add(path);
  const count = countVariants(axes);
  if (count > MOST_VARIANTS) {
    problems.add(
      document.placeOfKey(['axes']),
      `the axes span ${count} variants, and a grid has at most ${MOST_VARIANTS}`,
    );
    throw problems.error();
  }
  const expanded = expand(axes, base, scale ?? 'nano', checkpoints, sources);
  for (const { effective, ...variant } of expanded) {
    const breaches = [...checkLoaded(effective), ...checkRules(variant.recipe)];
    for (const breach of breaches) addBreach(breach, variant, base, faulty, document, problems);
    if (breaches.length > 0) continue;
    for (const { shots, ...breach } of checkShots(variant.recipe, evaluation)) {
      const written = asWritten(shots, document.value);
      addBreach(breach, variant, base, faulty, document, problems, written);
    }
  }
  if (problems.count > 0 || !parsed.data || !scale) throw problems.error();

  const { question = null } = parsed.data;
  const name = parsed.data.name ?? basename(file, extname(file));
  const seeds = overrides.seeds ?? parsed.data.seeds;
  const variants = expanded.map(({ effective: _, ...variant }): Variant => variant);
  const keys = variants.map(({ key }) => key);
  const hash = hashOf({ name, keys, seeds, evaluation });
  return deepFreeze({
    name,
    question,
    scale,
    seeds,
    axes,
    variants,
    evaluation,
    checkpoints: checkpoints.folders,
    gridPath: file,
    gridText: text,
    hash,
  });
}

const noReader = (): never => {
  throw new Error('the grid names a checkpoint or a source of data, and nothing was given to read it with');
};

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

/**
 * Settings whose value in `base` cannot be relied on: a wrong one, or any of a group with an unknown key, which may have
 * been meant for it. Rules between settings are not checked on them, since their findings would mislead.
 */
function faultySettings(grid: unknown): Set<string> {
  const faulty = new Set<string>();
  for (const [path, setting] of SETTINGS) {
    const at = basePath(path);
    const around = at.slice(0, -1);
    const group = valueAt(grid, around);
    if (group === undefined) continue;
    const known = keysAt(around);
    const strange = !isMap(group) || Object.keys(group).some((name) => !known.includes(name));
    const value = valueAt(grid, at);
    if (strange || (value !== undefined && !setting.safeParse(value).success)) faulty.add(path);
  }
  return faulty;
}

/** The settings of `base` that are valid, by their dotted paths, as the recipe writes them. */
function validBase(grid: unknown, faulty: ReadonlySet<string>): Settings {
  const base: Record<string, Scalar> = {};
  for (const [path, setting] of SETTINGS) {
    const value = valueAt(grid, basePath(path));
    if (value !== undefined && !faulty.has(path)) base[path] = setting.parse(value) as Scalar;
  }
  return base;
}

/** Where the grid lists a number of shots; undefined where it lists none. */
function asWritten(shots: number, grid: unknown): Path | undefined {
  const listed = valueAt(grid, ['evaluation', 'shots']);
  const place = Array.isArray(listed) ? listed.indexOf(shots) : -1;
  return place < 0 ? undefined : ['evaluation', 'shots', place];
}

/**
 * Adds a rule between settings that a variant breaks, at the axis value that breaks it, or at the base's.
 * @param at where else it is broken
 */
function addBreach(
  { paths, message }: Breach,
  variant: Variant,
  base: Settings,
  faulty: ReadonlySet<string>,
  document: GridDocument,
  problems: Problems,
  at?: Path,
): void {
  if (paths.some((path) => faulty.has(path) && variant.settings[path] === undefined)) return;
  if (at) {
    problems.add(document.placeOf(at), message);
    return;
  }
  const varied = paths.find((path) => variant.settings[path] !== undefined);
  const fixed = paths.find((path) => base[path] !== undefined);
  if (varied !== undefined) {
    const given = valueAt(document.value, ['axes', varied]) as readonly unknown[];
    const place = given.findIndex((value) => SETTINGS.get(varied)!.safeParse(value).data === variant.settings[varied]);
    problems.add(document.placeOf(['axes', varied, place]), message);
  } else problems.add(document.placeOf(fixed === undefined ? [] : basePath(fixed)), message);
}
