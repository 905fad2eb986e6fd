import { type Command, Option } from 'commander';
import { type SlurmSettings, slurmSchema } from '../config/slurm.js';
import { usage } from '../errors.js';
import { wholeNumber } from './whole-number.js';

/** What the command line says of Slurm's jobs, in place of the grid's `slurm`. */
export interface SlurmOptions {
  readonly partition?: string;
  readonly account?: string;
  readonly gres?: string;
  readonly time?: string;
  readonly mem?: string;
  readonly cpus?: string;
  readonly maxJobs?: string;
  readonly sbatch: readonly string[];
  readonly setup?: string;
}

const GROUP = 'Options of --executor slurm (a grid may have them under `slurm`):';

/** Adds the options. */
export function withSlurmOptions(command: Command): Command {
  const options = [
    new Option('--partition <name>', 'partition of the jobs'),
    new Option('--account <name>', 'account that they are charged to'),
    new Option('--gres <list>', 'generic resources of a job, for instance gpu:1'),
    new Option('--time <time>', 'longest that a job may run; what needs longer goes on in another'),
    new Option('--mem <size>', 'memory of a job, for instance 64G'),
    new Option('--cpus <number>', 'cores of a job'),
    new Option('--max-jobs <number>', 'most jobs of an array at work at once'),
    new Option(
      '--sbatch <option>',
      'a further option of sbatch, for instance --sbatch=--constraint=a100; may be repeated',
    )
      .default([], 'none')
      .argParser((value: string, before: readonly string[]) => [...before, value]),
    new Option('--setup <lines>', 'lines of a shell before the work, for instance "module load cuda"'),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUP));
  return command;
}

/** Reads them. @throws Mm1Error E_USAGE */
export function slurmSettings(options: SlurmOptions): SlurmSettings {
  const { partition, account, gres, time, mem: memory, cpus, maxJobs, sbatch, setup } = options;
  const parsed = slurmSchema.safeParse({
    ...{ partition, account, gres, time, memory, setup },
    ...(cpus !== undefined && { cpus: wholeNumber('--cpus', cpus, 4) }),
    ...(maxJobs !== undefined && { max_jobs: wholeNumber('--max-jobs', maxJobs, 8) }),
    ...(sbatch.length > 0 && { sbatch }),
  });
  if (parsed.success) {
    return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  }
  const { path, message } = parsed.error.issues[0]!;
  throw usage(`--${String(path[0])}`, message, 'See `man sbatch` for how Slurm writes it.');
}
