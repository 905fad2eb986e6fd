import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { Mm1Error } from '../../../errors.js';

/** A task of a job array that waits or is at work. */
export interface Queued {
  readonly name: string;
  /** Number of the array's job, which other jobs can wait for. */
  readonly job: string;
  /** The task's number in it. */
  readonly task: number;
  /** As Slurm has it: PENDING, RUNNING, COMPLETING and so on. */
  readonly state: string;
  /** Why it waits, as squeue's %r says it; `None` where it does not. */
  readonly reason: string;
}

/** What mm1 asks of Slurm. */
export interface Slurm {
  /** Submits a script. @returns the job's number @throws Mm1Error E_SLURM where Slurm refuses it, SlurmAway where it does not answer */
  submit(script: string): Promise<string>;
  /** This user's tasks. @throws SlurmAway */
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
    // Each task by itself: of those that wait together squeue would say one reason for all.
    const user = userInfo().username;
    const text = await run('squeue', ['--noheader', '--array', `--user=${user}`, '--format=%j|%F|%K|%T|%r']);
    return text.split('\n').flatMap((line): Queued[] => {
      const [, name, job, task, state, reason] = /^(.*)\|(\d+)\|(\d+)\|(\w+)\|(.*)$/.exec(line.trimEnd()) ?? [];
      return name === undefined ? [] : [{ name, job: job!, task: Number(task), state: state!, reason: reason! }];
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
