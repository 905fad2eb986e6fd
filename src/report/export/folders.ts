import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvText } from '../forms/csv.js';
import { writeEvents } from './tensorboard.js';
import type { TrialSeries } from './trial-series.js';

/** Writes a folder a trial of TensorBoard's event files. @param seconds since 1970. @returns number of trials */
export function exportTensorboard(folder: string, trials: readonly TrialSeries[], seconds: number): number {
  for (const { name, training, scores } of trials) writeEvents(join(folder, name), [...training, ...scores], seconds);
  return trials.length;
}

/**
 * Writes what trackers import: trials.csv, a line a trial with its settings and scores, and metrics.csv, a line a trial, step and
 * metric.
 * @returns number of trials
 */
export function exportCsv(folder: string, trials: readonly TrialSeries[]): number {
  mkdirSync(folder, { recursive: true });
  const paths = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))];
  const tags = [...new Set(trials.flatMap(({ scores }) => scores.map(({ tag }) => tag)))];
  const lines = trials.map(({ name, settings, seed, scores }) => [
    name,
    seed,
    ...paths.map((path) => settings[path] as string | number | undefined),
    ...tags.map((tag) => scores.find((score) => score.tag === tag)?.value),
  ]);
  writeFileSync(join(folder, 'trials.csv'), csvText([['trial', 'seed', ...paths, ...tags], ...lines]));
  const metrics = trials.flatMap(({ name, training }) =>
    training.map(({ tag, step, value }) => [name, step, tag, value]),
  );
  writeFileSync(join(folder, 'metrics.csv'), csvText([['trial', 'step', 'metric', 'value'], ...metrics]));
  return trials.length;
}
