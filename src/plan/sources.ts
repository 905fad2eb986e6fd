import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { sentence, show, valueAt } from '../config/describe.js';
import type { Path } from '../config/document.js';
import { canonicalJson } from '../config/hash.js';
import { nearest, suggest } from '../config/nearest.js';
import type { DataKind, DataSource } from '../config/recipe.js';
import type { SourceReader } from '../config/sources.js';
import { CORPORA } from '../data/corpora/index.js';
import { countsOf, unpackedFolder } from '../data/corpora/place.js';
import { findSource, SOURCE_KINDS, sourceSchema } from '../data/sources/index.js';
import type { SourceFiles } from '../data/sources/kind.js';
import type { Places } from '../data/training-source.js';
import { Mm1Error } from '../errors.js';
import { digestOfFiles } from '../store/digest.js';

/** Bytes of a source's files up to which they are known by their content. */
const MOST_HASHED = 2 ** 30;

/** A source, and the kinds of data that it gives. */
interface Found {
  readonly kinds: readonly DataKind[];
  readonly source: Omit<DataSource, 'weight'>;
}

/**
 * Makes a reader of a grid's sources. Their files are found and made sure of by their identity, and no document is read:
 *
 * - A corpus that comes with mm1 has no identity but its name; one of a Debian package has the names and sizes of what was
 *   unpacked.
 * - Somebody's own files have their names, as the grid writes them, and their content. Where they are more than 1 GiB
 *   together, sizes and times of the last change stand for the content.
 * - A folder of pictures beside them always has its files' names, sizes and times. Pictures that a Parquet file names by
 *   their paths are no part of it.
 *
 * What it was asked once it does not read again.
 * @param runsFolder folder that Debian packages are unpacked in, under data/
 */
export function sourceReader(runsFolder: string): SourceReader {
  const known = new Map<string, Found>();
  return (kinds, entry, gridFolder) => {
    const key = canonicalJson([entry, gridFolder]);
    const found = known.get(key) ?? readable(() => look(kinds, entry, gridFolder, runsFolder));
    known.set(key, found);
    const kind = kinds.find((each) => found.kinds.includes(each));
    if (kind !== undefined) return { kind, source: found.source };
    const name = typeof entry === 'string' ? entry : Object.keys(entry)[0];
    throw fault(
      `${name} gives ${found.kinds.join(' and ')} data, and not ${kinds.join(' or ')}`,
      typeof entry === 'string' ? corporaRemedy(kinds) : 'Name files of a format that has such data.',
    );
  };
}

/**
 * Makes sure that a source is still what it was when the run was planned: what is kept of it is kept under that name.
 * @throws Mm1Error E_DATA if its files have changed, or are gone
 */
export function checkUnchanged(kind: DataKind, { source, sha256 }: Omit<DataSource, 'weight'>, places: Places): void {
  const entry = source.startsWith('{') ? (JSON.parse(source) as Readonly<Record<string, unknown>>) : source;
  if (sourceReader(places.runs)([kind], entry, places.grid).source.sha256 === sha256) return;
  const remedy = 'Run the same command again: it starts from what is there now.';
  throw new Mm1Error('the data has changed since the run was started', { code: 'E_DATA', where: source, remedy });
}

function look(
  kinds: readonly DataKind[],
  entry: Parameters<SourceReader>[1],
  gridFolder: string,
  runsFolder: string,
): Found {
  return typeof entry === 'string' ? lookAtCorpus(kinds, entry, runsFolder) : lookAtFiles(entry, gridFolder);
}

function lookAtCorpus(wanted: readonly DataKind[], name: string, runsFolder: string): Found {
  const corpus = CORPORA.find((each) => each.name === name);
  if (!corpus) {
    const near = nearest(name, corporaOf(wanted));
    const remedy = near === undefined ? corporaRemedy(wanted) : `Did you mean "${near}"?`;
    throw fault(`unknown corpus ${show(name)}`, remedy);
  }
  const kinds = [corpus.kind];
  if (corpus.debian === null) return { kinds, source: { source: name } };
  if (countsOf(corpus, runsFolder) === null) {
    throw fault(`the corpus ${name} is not installed`, `Install it with "mm1 data install ${name}".`, runsFolder);
  }
  const files = filesIn(unpackedFolder(runsFolder, name)).map(({ file, size }) => [file, size]);
  return { kinds, source: { source: name, sha256: digestOf(files) } };
}

function lookAtFiles(entry: Readonly<Record<string, unknown>>, gridFolder: string): Found {
  const { data, error } = sourceSchema.safeParse(entry);
  if (error) {
    const complaints = error.issues.map((issue) => complaint(issue, entry));
    throw fault(complaints.join('; '), 'Options stand under the format, and a weight beside it.');
  }
  const { kinds, ...files } = findSource(data, gridFolder);
  return { kinds, source: { source: canonicalJson(data), sha256: identityOf(files) } };
}

function corporaOf(kinds: readonly DataKind[]): string[] {
  return CORPORA.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
}

function corporaRemedy(kinds: readonly DataKind[]): string {
  return `Corpora of that kind: ${corporaOf(kinds).join(', ')}.`;
}

/** One finding of the format's own schema, by the name of the format or of its option. */
function complaint(issue: z.core.$ZodIssue, entry: Readonly<Record<string, unknown>>): string {
  const path = issue.path as Path;
  if (issue.code !== 'unrecognized_keys') {
    // The first option may stand for itself, without its name.
    const given = entry[String(path[0])];
    return `${path.join('.')} ${sentence(issue, typeof given === 'string' ? given : valueAt(entry, path))}`;
  }
  const [key] = issue.keys as [string];
  if (path.length > 0) return `${path.join('.')} has no option ${show(key)}`;
  return `unknown format ${show(key)}: ${suggest(key, SOURCE_KINDS)}`;
}

function identityOf({ files, pictures }: SourceFiles): string {
  const stats = files.map((file) => ({ ...file, status: statSync(file.path) }));
  const bytes = stats.reduce((sum, { status }) => sum + status.size, 0);
  const rows = stats.map(({ name, path, status }) =>
    bytes <= MOST_HASHED ? [name, digestOfFiles([path])] : [name, status.size, status.mtimeMs],
  );
  const beside = pictures === undefined ? [] : filesIn(pictures).map(({ file, size, time }) => [file, size, time]);
  return digestOf([...rows, ...beside]);
}

/** Every file below a folder, sorted by its path from there. */
function filesIn(folder: string): { file: string; size: number; time: number }[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return paths.flatMap((file) => {
    const status = statSync(join(folder, file), { throwIfNoEntry: false });
    return status?.isFile() ? [{ file, size: status.size, time: status.mtimeMs }] : [];
  });
}

function digestOf(rows: readonly (readonly (string | number)[])[]): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return hash.digest('hex');
}

/** Does what touches files, and turns the system's own complaints (no permission, a name too long) into faults of the data. */
function readable<T>(touch: () => T): T {
  try {
    return touch();
  } catch (cause) {
    const { syscall, code, path } = cause as NodeJS.ErrnoException;
    if (syscall === undefined) throw cause;
    throw new Mm1Error(`a file of the data cannot be read: ${code}`, {
      code: 'E_DATA',
      remedy: 'Mend the path, or who may read it.',
      ...(path !== undefined && { where: path }),
      cause,
    });
  }
}

function fault(message: string, remedy: string, where?: string): Mm1Error {
  return new Mm1Error(message, { code: 'E_DATA', remedy, ...(where !== undefined && { where }) });
}
