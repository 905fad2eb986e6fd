import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { Mm1Error } from '../../../errors.js';

/** Tasks of one job array that wait or are at work. */
export interface Queued {
  readonly name: string;
  /** Number of the array's job, which other jobs can wait for. */
  readonly job: string;
  /** Numbers of its tasks. */
  readonly tasks: readonly number[];
  /** As Slurm has it: PENDING, RUNNING, COMPLETING and so on. */
  readonly state: string;
}

/** What mm1 asks of Slurm. */
export interface Slurm {
  /** Submits a script. @returns the job's number @throws Mm1Error E_SLURM where Slurm refuses it, SlurmAway where it does not answer */
  submit(script: string): Promise<string>;
  /** This user's jobs. @throws SlurmAway */
  queue(): Promise<Queued[]>;
  /** Cancels jobs by their numbers. */
  cancel(jobs: readonly string[]): Promise<void>;
  /** Most tasks of an array, and jobs that the controller holds. @throws SlurmAway */
  limits(): Promise<{ readonly array: number; readonly jobs: number }>;
}

/** The controller does not answer: for minutes at most, as a rule. */
export class SlurmAway extends Error {}

const AWAY =
  /[Uu]nable to contact slurm controller|Socket timed out|Connection refused|Zero Bytes were transmitted|temporarily unable/;
/** Milliseconds after which a command is given up: Slurm's own give up later. */
const TIMEOUT = 60_000;

async function run(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: TIMEOUT,
      maxBuffer: 1 << 28,
      env: { ...process.env, SLURM_BITSTR_LEN: '0' }, // else squeue cuts lists of tasks short
    });
    return stdout;
  } catch (error) {
    const { code, stderr = '', killed } = error as { code?: unknown; stderr?: string; killed?: boolean };
    if (code === 'ENOENT') {
      throw new Mm1Error(`there is no ${program} on the path: Slurm's commands are needed`, {
        code: 'E_SLURM',
        remedy: `Start mm1 on a machine of the cluster: "which ${program}" must find it.`,
      });
    }
    if (killed || AWAY.test(stderr)) throw new SlurmAway(firstLine(stderr) || `${program} did not answer`);
    throw new Mm1Error(`${program}: ${firstLine(stderr) || 'failed'}`, {
      code: 'E_SLURM',
      remedy: `See what the cluster has with "sinfo -o '%P %l %G %m'", and your own part of it with "sacctmgr show associations user=$USER".`,
    });
  }
}

/** What a command says is wrong, without its own name. */
const firstLine = (text: string): string =>
  (text.split('\n').find((line) => line.trim() !== '') ?? '').replace(/^\w+: (error: )?/, '').trim();

/** Slurm's own commands. */
export const slurmCommands: Slurm = {
  async submit(script) {
    return (await run('sbatch', ['--parsable', script])).trim().split(';')[0]!;
  },

  async queue() {
    const text = await run('squeue', ['--noheader', `--user=${userInfo().username}`, '--format=%j|%F|%K|%T']);
    return text
      .split('\n')
      .filter((line) => line.includes('|'))
      .map((line) => {
        const [name, job, tasks, state] = line.split('|');
        return { name: name!, job: job!, tasks: tasksOf(tasks!), state: state! };
      });
  },

  async cancel(jobs) {
    if (jobs.length > 0) await run('scancel', jobs);
  },

  async limits() {
    const text = await run('scontrol', ['show', 'config']);
    const of = (name: string, usual: number) =>
      Number(new RegExp(`^${name}\\s*=\\s*(\\d+)`, 'm').exec(text)?.[1] ?? usual);
    return { array: of('MaxArraySize', 1001), jobs: of('MaxJobCount', 10_000) };
  },
};

/** Tasks as squeue writes them: `3`, or of those that wait `0-4,7-9:2%5`. */
export function tasksOf(text: string): number[] {
  return text
    .replace(/%\d+$/, '')
    .split(',')
    .flatMap((part) => {
      const [, first, last, step = '1'] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part) ?? [];
      if (first === undefined) return [];
      const tasks: number[] = [];
      for (let task = Number(first); task <= Number(last ?? first); task += Number(step)) tasks.push(task);
      return tasks;
    });
}
