import type { Database } from 'better-sqlite3';
import { Mm1Error } from '../errors.js';
import { bytesOf } from './doubles.js';
import { MIGRATIONS } from './migrations.js';

/** Marks a SQLite file as mm1's own ("mm1 " in ASCII), so that nobody else's database is ever written to. */
export const APPLICATION_ID = 0x6d_6d_31_20;

/** The version of the schema in a file: 0 when nothing was ever written to it. */
export function schemaVersion(database: Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}

/**
 * Brings a database to the newest schema. Each step is one transaction with its version number, so a process killed
 * in the middle leaves the version before or the version after, never half of one.
 *
 * @param migrations the schema's history; the newest version is its length
 * @throws Mm1Error E_STORE for another program's database, or a schema that a newer mm1 wrote
 */
export function migrate(database: Database, file: string, migrations: readonly string[] = MIGRATIONS): void {
  checkOwner(database, file);
  database.aggregate<number[]>('doubles', {
    start: () => [],
    step: (values, value) => {
      values.push(value as number);
    },
    result: (values) => bytesOf(Float64Array.from(values)),
  });
  const step = database.transaction(() => {
    // Read again under the write lock: another process may have migrated the file in the meantime.
    const version = schemaVersion(database);
    checkVersion(version, file, migrations);
    const sql = migrations[version];
    if (sql === undefined) return false;
    database.exec(sql);
    database.pragma(`user_version = ${version + 1}`);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    return true;
  });
  while (schemaVersion(database) !== migrations.length) {
    if (!step.immediate()) break;
  }
}

/**
 * Refuses a schema that a newer mm1 wrote.
 *
 * @throws Mm1Error E_STORE
 */
export function checkVersion(version: number, file: string, migrations: readonly string[] = MIGRATIONS): void {
  if (version <= migrations.length) return;
  throw new Mm1Error(
    `the database has schema version ${version}, and this mm1 knows versions up to ${migrations.length}`,
    {
      code: 'E_STORE',
      where: file,
      remedy: 'A newer mm1 wrote it: use that version, or choose another folder with --runs-dir.',
    },
  );
}

/**
 * Refuses a database that another program made.
 *
 * @throws Mm1Error E_STORE
 */
export function checkOwner(database: Database, file: string): void {
  const owner = database.pragma('application_id', { simple: true }) as number;
  if (owner === APPLICATION_ID) return;
  const tables = database.prepare('SELECT count(*) FROM sqlite_master').pluck().get() as number;
  if (owner === 0 && tables === 0) return;
  throw new Mm1Error('this SQLite file was not made by mm1', {
    code: 'E_STORE',
    where: file,
    remedy: 'Nothing was changed in it: choose another folder with --runs-dir.',
  });
}
