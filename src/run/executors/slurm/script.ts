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

/** Seconds before a job's time is over at which it is told: a checkpoint must be written until then. */
const WARNING = 90;

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
    `--signal=B:USR1@${WARNING}`,
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
