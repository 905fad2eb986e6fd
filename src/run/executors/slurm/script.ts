import type { SlurmSettings } from '../../../config/slurm.js';

/** What a batch's script says. */
export interface ScriptInput {
  readonly name: string;
  /** Number of its tasks. */
  readonly tasks: number;
  /** Most of its tasks at work at once; null where nobody said. */
  readonly atOnce: number | null;
  /** Jobs that must have ended, however they did. */
  readonly after: readonly string[];
  /** Where what a task writes goes to: `%a` is its number. */
  readonly log: string;
  readonly settings: SlurmSettings;
  /** Set in the environment of the work. */
  readonly environment: Readonly<Record<string, string>>;
  /** The command that computes the task whose number Slurm has set. */
  readonly command: readonly string[];
}

/** Seconds before a job's time is over at which it is told, for a checkpoint must be written until then: at most, and at least. */
const WARNING = { most: 90, least: 15 };

/** A quarter of a short job's time; the most of one that nobody gave a time. */
function warningOf(time: string | undefined): number {
  const limit = time === undefined ? null : secondsOf(time);
  return limit === null ? WARNING.most : Math.max(WARNING.least, Math.min(WARNING.most, Math.floor(limit / 4)));
}

/** Seconds of a time as Slurm writes it (sbatch(1), --time): minutes, m:s, h:m:s, d-h, d-h:m or d-h:m:s; null where it is none of these. */
export function secondsOf(time: string): number | null {
  const [, days, clock] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(time) ?? [];
  if (clock === undefined) return null;
  const parts = clock.split(':').map(Number);
  const units =
    days !== undefined ? [3600, 60, 1] : parts.length === 1 ? [60] : parts.length === 2 ? [60, 1] : [3600, 60, 1];
  return parts.reduce((sum, part, i) => sum + part * units[i]!, Number(days ?? 0) * 86_400);
}

/**
 * The script of one job array. Its shell becomes the work itself, so that signals reach it; where its time is over, or its node is lost
 * or given to others, Slurm queues a task again, and it goes on from its checkpoint.
 */
export function batchScript(input: ScriptInput): string {
  const { settings } = input;
  const options: readonly (string | false | undefined)[] = [
    `--job-name=${input.name}`,
    `--array=0-${input.tasks - 1}${input.atOnce === null ? '' : `%${input.atOnce}`}`,
    `--output=${input.log}`,
    '--open-mode=append',
    '--requeue',
    `--signal=B:USR1@${warningOf(settings.time)}`,
    input.after.length > 0 && `--dependency=afterany:${input.after.join(':')}`,
    settings.partition && `--partition=${settings.partition}`,
    settings.account && `--account=${settings.account}`,
    settings.gres && `--gres=${settings.gres}`,
    settings.time && `--time=${settings.time}`,
    settings.memory && `--mem=${settings.memory}`,
    settings.cpus !== undefined && `--cpus-per-task=${settings.cpus}`,
    ...(settings.sbatch ?? []),
  ];
  const exports = Object.entries(input.environment).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    '#!/bin/bash',
    ...options.filter(Boolean).map((option) => `#SBATCH ${option}`),
    ...exports,
    ...(settings.setup ? [settings.setup.trimEnd()] : []),
    `exec ${input.command.map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
