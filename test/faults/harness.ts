import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { Store } from '../../src/store/store.js';
import { type BuiltPackage, buildPackage } from '../built-package.js';

let built: BuiltPackage | null = null;

/** Removes the package that the commands ran from. */
export function removePackage(): void {
  built?.remove();
  built = null;
}

/** A grid of trials that take a second each, or as long as their own steps and those of what they start from. */
export function grid(seeds: number, { training = 2, before = 1 } = {}): string {
  return `scale: smoke
seeds: [${Array.from({ length: seeds }, (_, i) => i).join(', ')}]
base:
  encoder: {model: vit-b, resolution: 28, steps: ${before}, batch: 4, pictures: 8}
  language_model: {steps: ${before}, batch: 2}
  training: {steps: ${training}, batch: 2, warmup: 1}
  data: {concepts: 12, documents: 12, text_documents: 20, interleaved: 0, text_from: emoji-texts}
axes:
  connector.type: [average-pool, attention-pool]
  connector.tokens: [1, 4]
evaluation:
  tasks: [emoji-question]
  items: 4
`;
}

export interface Folder {
  readonly path: string;
  readonly grid: string;
  readonly runs: string;
}

/** A new folder with a grid in it. */
export function folderOf(text: string, name = 'faults'): Folder {
  const path = mkdtempSync(join(tmpdir(), 'mm1-faults-'));
  mkdirSync(path, { recursive: true });
  const file = join(path, `${name}.yaml`);
  writeFileSync(file, text);
  return { path, grid: file, runs: join(path, 'runs') };
}

/** A command at work. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly stderr: string }>;
  readonly said: () => string;
}

/** Starts `mm1 ablate` on a folder's grid. @param through the command that starts it, where it is not started by itself */
export function ablate(
  { grid: file, runs }: Folder,
  options: readonly string[] = [],
  env: Record<string, string> = {},
  through: readonly string[] = [],
): Running {
  built ??= buildPackage();
  const [program, ...args] = [...through, process.execPath, built.cli, 'ablate', file, '--runs-dir', runs, ...options];
  const child = spawn(program!, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) => {
    child.on('close', (status) => resolve({ status, stderr }));
  });
  return { child, ended, said: () => stderr };
}

/** Runs a command to its end. */
export function mm1(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  built ??= buildPackage();
  return spawnSync(process.execPath, [built.cli, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** Waits for words on a command's standard error. */
export async function until({ said, child }: Running, sign: RegExp): Promise<void> {
  while (!sign.test(said())) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended before it said ${sign}: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Numbers of a process's children. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Everything that a folder's one run came to: scores and answers, trial by trial. */
export function results(runs: string) {
  const database = new SqliteDatabase(join(runs, 'mm1.sqlite'), { readonly: true });
  const integrity = database.pragma('integrity_check', { simple: true });
  database.close();
  const store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
  const { id, status } = store.run('latest');
  const variants = new Map(store.variants(id).map((variant) => [variant.id, JSON.stringify(variant.settings)]));
  const scores = store.scores(id);
  const trials = store.trials(id).map((trial) => ({
    variant: variants.get(trial.variantId)!,
    seed: trial.seed,
    status: trial.status,
    scores: scores.flatMap(({ trialId, ...score }) => (trialId === trial.id ? [score] : [])),
    items: store.items(trial.id),
  }));
  const found = { integrity, status, runs: store.runs().length, stages: store.stages(id), trials };
  store.close();
  return found;
}
