import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuiltPackage, buildPackage } from '../built-package.js';

/** A grid of four trials that is done in seconds. */
export const TINY = `
question: Does it run?
scale: smoke
seeds: [0]
base:
  encoder: {model: vit-b, resolution: 56, steps: 2, batch: 8, pictures: 30}
  language_model: {steps: 2}
  training: {steps: 3, batch: 4, warmup: 1}
  data: {concepts: 20, documents: 20, text_documents: 40, interleaved_from: emoji-quizzes, text_from: emoji-texts}
axes:
  connector.type: [average-pool, attention-pool]
  connector.tokens: [4, 16]
evaluation:
  items: 6
`;

/** A new folder with a grid file in it. */
export function gridFolder(text = TINY): { folder: string; grid: string; runs: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-run-'));
  const grid = join(folder, 'tiny.yaml');
  writeFileSync(grid, text);
  return { folder, grid, runs: join(folder, 'runs') };
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let built: BuiltPackage | null = null;

function commandLine(): string {
  built ??= buildPackage();
  return built.cli;
}

/** Removes the package that the commands ran from. */
export function removePackage(): void {
  built?.remove();
  built = null;
}

/** Runs the command line to its end. */
export async function mm1(...args: string[]): Promise<Finished> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [commandLine(), ...args], {
      maxBuffer: 1 << 26,
    });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

/**
 * Starts the command line and hands over the process once what is waited for has come: words on its standard error, or
 * something that is looked at every few milliseconds.
 */
export function mm1Until(
  sign: RegExp | (() => boolean),
  act: (pid: number) => void,
  ...args: string[]
): Promise<Finished> {
  const child = spawn(process.execPath, [commandLine(), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let acted = false;
    const look = () => {
      if (acted || !(sign instanceof RegExp ? sign.test(stderr) : sign())) return;
      acted = true;
      act(child.pid!);
    };
    const looking = setInterval(look, 20);
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
      look();
    });
    child.on('close', (status) => {
      clearInterval(looking);
      resolve({ status, stdout, stderr });
    });
  });
}
