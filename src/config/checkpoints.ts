import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Mm1Error } from '../errors.js';
import type { Written } from './axes.js';
import type { GridText } from './grid-text.js';
import type { Axis } from './plan.js';
import type { Problems } from './problems.js';
import type { Checkpoint, Settings } from './recipe.js';
import type { Breach } from './rules.js';
import { SETTINGS } from './schema.js';

/** Parts that a checkpoint can stand for. */
export const LOADED_PARTS = ['encoder', 'language_model'] as const;
export type LoadedPart = (typeof LOADED_PARTS)[number];

/** What a grid writes where a part is trained here all the same: an axis compares it with checkpoints. */
const TRAINED_HERE = 'none';

/** What stays of a part's settings beside a checkpoint: how it is shown pictures. */
const KEPT = ['encoder.type', 'encoder.patch', 'encoder.resolution'];

/**
 * Looks at a checkpoint's folder without reading its weights, and says what is in it.
 * @throws Mm1Error if it holds nothing that can stand for the part
 */
export type CheckpointReader = (part: LoadedPart, folder: string) => Checkpoint;

/** The checkpoints that a grid names. */
export interface Checkpoints {
  /** By the part and the folder as the grid writes it. */
  readonly found: ReadonlyMap<string, Checkpoint>;
  /** Absolute folders by the SHA-256 of what is in them. */
  readonly folders: Readonly<Record<string, string>>;
}

/** The checkpoint that settings give a part; undefined where they give none. */
export function checkpointOf(part: LoadedPart, settings: Settings, { found }: Checkpoints): Checkpoint | undefined {
  return found.get(`${part} ${settings[`${part}.checkpoint`]}`);
}

/** Whether settings load a part in place of training it. */
function isLoaded(part: LoadedPart, settings: Settings): boolean {
  const folder = settings[`${part}.checkpoint`];
  return folder !== undefined && folder !== TRAINED_HERE;
}

/** The settings of a part's training. */
function trainingSettings(part: LoadedPart): string[] {
  return [...SETTINGS.keys()].filter(
    (path) => path.startsWith(`${part}.`) && path !== `${part}.checkpoint` && !KEPT.includes(path),
  );
}

/**
 * Reads every checkpoint that a grid names, relative to the grid's own folder. One that cannot be read is added to
 * `problems` at its place.
 */
export function findCheckpoints(
  gridFile: string,
  base: Settings,
  varied: readonly Written[],
  read: CheckpointReader,
  document: GridText,
  problems: Problems,
): Checkpoints {
  const found = new Map<string, Checkpoint>();
  const folders: Record<string, string> = {};
  for (const part of LOADED_PARTS) {
    const path = `${part}.checkpoint`;
    const named = [
      { value: base[path], at: ['base', part, 'checkpoint'] },
      ...varied.filter((written) => written.path === path),
    ];
    const listedAs = new Map<string, string>();
    for (const { value, at } of named) {
      if (typeof value !== 'string' || value === TRAINED_HERE) continue;
      const folder = isAbsolute(value) ? value : join(dirname(gridFile), value);
      try {
        const checkpoint = read(part, folder);
        found.set(`${part} ${value}`, checkpoint);
        folders[checkpoint.sha256] ??= resolve(folder);
        if (at[0] !== 'axes' || at[1] !== path) continue;
        const same = listedAs.get(checkpoint.sha256);
        if (same !== undefined) problems.add(document.placeOf(at), `axis ${path} has the model of "${same}" twice`);
        else listedAs.set(checkpoint.sha256, value);
      } catch (error) {
        if (!(error instanceof Mm1Error)) throw error;
        problems.add(document.placeOf(at), `${path}: ${error.message} (${error.where ?? folder})`);
      }
    }
  }
  return { found, folders };
}

/** Whether a value of a setting is a checkpoint that could not be read. */
export function isUnread(path: string, value: unknown, { found }: Checkpoints): boolean {
  const part = LOADED_PARTS.find((each) => path === `${each}.checkpoint`);
  return part !== undefined && value !== TRAINED_HERE && !found.has(`${part} ${value}`);
}

/** The base beside a cell of the axes: what it says of a training is for the cells that an axis does not load. */
export function besideLoaded(base: Settings, cell: Settings, axes: readonly Axis[]): Settings {
  const others = LOADED_PARTS.filter((part) => {
    const path = `${part}.checkpoint`;
    const both = axes.some(({ path: own, values, rows }) =>
      rows ? Object.values(rows).some((row) => path in row) : own === path && values.includes(TRAINED_HERE),
    );
    return both && isLoaded(part, cell);
  }).flatMap(trainingSettings);
  return Object.fromEntries(Object.entries(base).filter(([path]) => !others.includes(path)));
}

/** What settings say beside a checkpoint that makes no difference to it. */
export function checkLoaded(settings: Settings): Breach[] {
  return LOADED_PARTS.filter((part) => isLoaded(part, settings)).flatMap((part) => {
    const breaches: Breach[] = trainingSettings(part)
      .filter((path) => settings[path] !== undefined)
      .map((path) => ({
        paths: [path, `${part}.checkpoint`],
        message: `${path} is for a part that is trained here, and ${part}.checkpoint gives it trained: leave ${path} out`,
      }));
    if (part === 'encoder' && (settings['encoder.type'] ?? 'clip') !== 'clip') {
      breaches.push({
        paths: ['encoder.type', 'encoder.checkpoint'],
        message: `encoder.checkpoint gives a vision tower of CLIP, not of ${settings['encoder.type']}: leave encoder.type out`,
      });
    }
    return breaches;
  });
}
