import SqliteDatabase, { type Database, type Options } from 'better-sqlite3';

/**
 * Databases and statements that were ever opened. Node 24 aborts the process where its garbage collector destroys an
 * object of better-sqlite3 outside of any JavaScript context, so none is left to it: they are a few dozen a process.
 */
const kept: object[] = [];

function keep<T extends object>(value: T): T {
  kept.push(value);
  return value;
}

/** Opens a database with better-sqlite3, none of whose objects is ever garbage. */
export function openDatabase(file: string, options: Options): Database {
  const database = keep(new SqliteDatabase(file, options));
  const prepare = database.prepare.bind(database) as Database['prepare'];
  database.prepare = ((sql: string) => keep(prepare(sql))) as Database['prepare'];
  // better-sqlite3's own compiles a statement that nobody else holds.
  database.pragma = (source, { simple = false } = {}) => {
    const statement = database.prepare(`PRAGMA ${source}`);
    if (!statement.reader) return statement.run();
    return simple ? statement.pluck().get() : statement.all();
  };
  return database;
}
