import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { Mm1Error } from '../errors.js';
import { openDatabase } from './database.js';
import { fileSystem } from './file-system.js';
import { MIGRATIONS } from './migrations.js';
import { checkOwner, migrate, schemaVersion } from './schema.js';

/** How long a statement waits for another process's lock, in milliseconds. */
const BUSY_TIMEOUT = 10_000;

/** What a person can do about SQLite's result codes that are no bug of ours. */
const FAULTS: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  SQLITE_READONLY: [
    'the database cannot be written',
    'Make the folder and the file writable, or choose another with --runs-dir.',
  ],
  SQLITE_PERM: [
    'the database may not be opened',
    'Make the folder and the file writable, or choose another with --runs-dir.',
  ],
  SQLITE_CANTOPEN: [
    'the database cannot be opened',
    'Check that its folder exists and can be written, or choose another with --runs-dir.',
  ],
  SQLITE_NOTADB: ['this file is not a SQLite database', 'Move it away, or choose another folder with --runs-dir.'],
  SQLITE_CORRUPT: [
    'the database is damaged',
    'Put a backup in its place, or save what is left with "sqlite3 FILE .recover" and move the file away.',
  ],
  SQLITE_FULL: ['the disk is full', 'Free some space and start the same command again: finished trials are kept.'],
  SQLITE_IOERR: ['the disk failed to read or write the database', 'Check the disk, or choose another with --runs-dir.'],
  SQLITE_BUSY: [
    'another process has held the database for too long',
    'Wait until it is done, then start the same command again.',
  ],
};

/** Runs `body`; SQLite's own faults that a person can mend come out as Mm1Error E_STORE, all others as they are. */
export function guard<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error;
    // Extended codes refine a primary one: SQLITE_IOERR_WRITE is a SQLITE_IOERR.
    const primary = error.code.split('_').slice(0, 2).join('_');
    const fault = FAULTS[primary];
    if (!fault) throw error;
    throw new Mm1Error(`${fault[0]} (${error.code})`, { code: 'E_STORE', where: file, remedy: fault[1], cause: error });
  }
}

/**
 * Opens the database for writing, creates its folder and brings its schema up to date.
 * WAL lets readers read while a trial is written; synchronous=FULL makes a commit survive a power cut. Processes on several machines cannot
 * share WAL's index (SQLite, "Write-Ahead Logging"): where they may see the file, it has a rollback journal, and a reader waits for the moment of a commit.
 *
 * @param isShared whether other machines may see the file
 * @throws Mm1Error E_STORE when the folder cannot be made or written, or the file is not ours
 */
export function openWritable(file: string, isShared = fileSystem(dirname(file)).isShared): Database {
  try {
    makeFolder(dirname(file));
  } catch (error) {
    throw new Mm1Error(`the folder cannot be made (${(error as NodeJS.ErrnoException).code})`, {
      code: 'E_STORE',
      where: dirname(file),
      remedy: 'Choose a folder that can be written with --runs-dir.',
      cause: error,
    });
  }
  return guard(file, () => {
    const database = openDatabase(file, { timeout: BUSY_TIMEOUT });
    try {
      // Asked before anything is written: another program's file stays as it is.
      checkOwner(database, file);
      database.pragma(`journal_mode = ${isShared ? 'DELETE' : 'WAL'}`);
      database.pragma('synchronous = FULL');
      database.pragma('foreign_keys = ON');
      migrate(database, file);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Makes a folder and those above it. Node's own recursive mkdir never returns where a file system refuses with ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Opens the database for reading alone; a run that is being written at the same time is no hindrance.
 *
 * @throws Mm1Error E_NO_RUNS when there is no database, or nothing in it yet; E_STORE when it cannot be read
 */
export function openReadable(file: string): Database {
  if (!existsSync(file)) throw noRuns(file);
  return guard(file, () => {
    let database = openDatabase(file, { readonly: true, timeout: BUSY_TIMEOUT });
    try {
      checkOwner(database, file);
      const version = schemaVersion(database);
      if (version === 0) throw noRuns(file);
      if (version !== MIGRATIONS.length) {
        // An older file is brought up to date by a writing process, and a newer one is refused there.
        database.close();
        openWritable(file).close();
        database = openDatabase(file, { readonly: true, timeout: BUSY_TIMEOUT });
      }
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** The error of a command that needs a run where there is none. */
export function noRuns(file: string): Mm1Error {
  return new Mm1Error('there are no runs yet', {
    code: 'E_NO_RUNS',
    where: file,
    remedy: 'Start one, for instance with "mm1 ablate configs/smoke.yaml", or name the right folder with --runs-dir.',
  });
}
