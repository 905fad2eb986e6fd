import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Mm1Error } from '../../errors.js';
import type { BuiltInCorpus, Counts, DebianPackage } from './corpus.js';
import { countCorpus } from './counts.js';
import { corpusFolder, countsFile } from './place.js';

/** How far an installation is. */
export type InstallProgress =
  | { readonly step: 'download'; readonly bytes: number; readonly total: number }
  | { readonly step: 'unpack' | 'count' };

/** Between two looks at how much was downloaded, in milliseconds. */
const LOOK = 100;

/**
 * Downloads a corpus's Debian package with apt-get, unpacks it into the runs folder and counts what it holds. Needs no
 * root, and the folder is there whole or not at all.
 * @throws Mm1Error E_INSTALL where apt-get or dpkg-deb is missing or fails; where the corpus needs no installation
 */
export async function installCorpus(
  corpus: BuiltInCorpus,
  runsFolder: string,
  onProgress: (progress: InstallProgress) => void,
): Promise<Counts> {
  if (corpus.debian === null) {
    throw fault(`${corpus.name} came with mm1`, `See it with "mm1 data show ${corpus.name}".`);
  }
  const folder = resolve(corpusFolder(runsFolder, corpus.name));
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}.part-`);
  try {
    const archive = await download(corpus.debian, temporary, onProgress);
    onProgress({ step: 'unpack' });
    const files = join(temporary, 'files');
    await run('dpkg-deb', ['-x', archive, files], temporary);
    rmSync(archive);
    onProgress({ step: 'count' });
    const counts = await countCorpus(corpus, files);
    writeFileSync(countsFile(temporary), `${JSON.stringify(counts)}\n`);
    chmodSync(temporary, 0o755); // mkdtemp's is closed to others
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
    return counts;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** @returns path of the package's file */
async function download(
  { name }: DebianPackage,
  folder: string,
  onProgress: (progress: InstallProgress) => void,
): Promise<string> {
  // One line: 'http://.../name_1.0_all.deb' name_1.0_all.deb 24919068 SHA256:...
  const [line = ''] = (await run('apt-get', ['download', '--print-uris', name], folder)).trim().split('\n');
  const total = Number(/\.deb (\d+)/.exec(line)?.[1] ?? 0);
  const files = () => readdirSync(folder).filter((file) => file.endsWith('.deb'));
  const look = () => {
    const bytes = files().reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    onProgress({ step: 'download', bytes, total });
  };
  const timer = setInterval(look, LOOK);
  try {
    await run('apt-get', ['download', '--quiet', name], folder);
  } finally {
    clearInterval(timer);
  }
  look();
  const [file] = files();
  if (file === undefined) throw new Error(`apt-get downloaded no file of ${name}`);
  return join(folder, file);
}

/** Runs a program to its end. Returns what it printed. */
function run(program: string, words: readonly string[], folder: string): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let [printed, complaint] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const remedy = `This corpus is a Debian package: install it on Debian or Ubuntu, where ${program} is.`;
      failed(cause.code === 'ENOENT' ? fault(`${program} is not on this machine`, remedy) : cause);
    });
    child.on('close', (status) => {
      if (status === 0) return done(printed);
      const lines = complaint.split('\n').filter((line) => line.startsWith('E: '));
      const reason = lines[0]?.slice(3) ?? complaint.trim().split('\n').at(-1) ?? '';
      failed(
        fault(`${program} failed: ${reason}`, 'Renew the list of packages with "sudo apt-get update", try again.'),
      );
    });
  });
}

function fault(message: string, remedy: string): Mm1Error {
  return new Mm1Error(message, { code: 'E_INSTALL', remedy });
}
