import type { Database } from 'better-sqlite3';
import { Mm1Error } from '../errors.js';

/** Marks a SQLite file as mm1's own ("mm1 " in ASCII), so that nobody else's database is ever written to. */
export const APPLICATION_ID = 0x6d_6d_31_20;

/**
 * The schema's history: entry i brings a file from version i to version i + 1. An entry that has been released is never edited;
 * a change is a new entry at the end.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    question    TEXT,
    status      TEXT NOT NULL CHECK (status IN ('running', 'done', 'interrupted', 'failed')),
    scale       TEXT NOT NULL,
    plan_hash   TEXT NOT NULL,
    grid_path   TEXT NOT NULL,
    grid_text   TEXT NOT NULL,
    axes        TEXT NOT NULL CHECK (json_valid(axes)),
    seeds       TEXT NOT NULL CHECK (json_valid(seeds)),
    evaluation  TEXT NOT NULL CHECK (json_valid(evaluation)),
    started_at  TEXT NOT NULL,
    finished_at TEXT
  ) STRICT;
  CREATE INDEX runs_by_plan ON runs (plan_hash);

  -- A run that was interrupted and resumed has several launches, each with its own provenance.
  CREATE TABLE launches (
    id         INTEGER PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    started_at TEXT NOT NULL,
    provenance TEXT NOT NULL CHECK (json_valid(provenance))
  ) STRICT;
  CREATE INDEX launches_by_run ON launches (run_id);

  CREATE TABLE variants (
    id       INTEGER PRIMARY KEY,
    run_id   TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key      TEXT NOT NULL,
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    recipe   TEXT NOT NULL CHECK (json_valid(recipe)),
    UNIQUE (run_id, position),
    UNIQUE (run_id, key)
  ) STRICT;

  CREATE TABLE trials (
    id          INTEGER PRIMARY KEY,
    variant_id  INTEGER NOT NULL REFERENCES variants (id) ON DELETE CASCADE,
    seed        INTEGER NOT NULL,
    status      TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'done', 'failed')),
    error       TEXT,
    started_at  TEXT,
    finished_at TEXT,
    seconds     REAL,
    UNIQUE (variant_id, seed)
  ) STRICT;

  CREATE TABLE stages (
    run_id  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    kind    TEXT NOT NULL,
    title   TEXT NOT NULL,
    status  TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    cached  INTEGER NOT NULL CHECK (cached IN (0, 1)),
    seconds REAL NOT NULL,
    bytes   INTEGER NOT NULL,
    error   TEXT,
    summary TEXT NOT NULL CHECK (json_valid(summary)),
    PRIMARY KEY (run_id, key)
  ) STRICT;

  -- A metric may be NULL: SQLite keeps no NaN, and a loss that diverged must still be seen.
  CREATE TABLE metrics (
    run_id    TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    stage_key TEXT NOT NULL,
    name      TEXT NOT NULL,
    step      INTEGER NOT NULL,
    value     REAL,
    PRIMARY KEY (run_id, stage_key, name, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE scores (
    trial_id  INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
    task      TEXT NOT NULL,
    shots     INTEGER NOT NULL,
    metric    TEXT NOT NULL,
    condition TEXT NOT NULL CHECK (condition IN ('image', 'blind')),
    value     REAL NOT NULL,
    items     INTEGER NOT NULL,
    chance    REAL NOT NULL,
    PRIMARY KEY (trial_id, task, shots, metric, condition)
  ) STRICT, WITHOUT ROWID;

  -- "references" is a word of SQL, hence the longer name. The prompt's and output's own texts are kept for each question.
  CREATE TABLE item_scores (
    trial_id       INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
    task           TEXT NOT NULL,
    shots          INTEGER NOT NULL,
    metric         TEXT NOT NULL,
    condition      TEXT NOT NULL CHECK (condition IN ('image', 'blind')),
    item           TEXT NOT NULL,
    prompt         TEXT NOT NULL,
    output         TEXT NOT NULL,
    reference_list TEXT NOT NULL CHECK (json_valid(reference_list)),
    value          REAL NOT NULL,
    PRIMARY KEY (trial_id, task, shots, metric, condition, item)
  ) STRICT, WITHOUT ROWID;
  `,
  // Seeds of demonstrations, groups of tasks, and the shuffled control. What was there had no shots and higher was better.
  `
  CREATE TABLE new_scores (
    trial_id           INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
    task               TEXT NOT NULL,
    task_group         TEXT NOT NULL CHECK (task_group IN ('captioning', 'vqa', 'textcore')),
    shots              INTEGER NOT NULL,
    demonstration_seed INTEGER NOT NULL,
    metric             TEXT NOT NULL,
    lower_is_better    INTEGER NOT NULL CHECK (lower_is_better IN (0, 1)),
    condition          TEXT NOT NULL CHECK (condition IN ('asked', 'blind', 'shuffled')),
    value              REAL NOT NULL,
    items              INTEGER NOT NULL,
    chance             REAL NOT NULL,
    demonstrations     TEXT NOT NULL CHECK (json_valid(demonstrations)),
    PRIMARY KEY (trial_id, task, shots, demonstration_seed, metric, condition)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO new_scores
    SELECT trial_id, task, CASE WHEN task LIKE '%-caption%' THEN 'captioning' ELSE 'vqa' END, shots, 0, metric, 0,
      CASE condition WHEN 'image' THEN 'asked' ELSE condition END, value, items, chance, '[]'
    FROM scores;
  DROP TABLE scores;
  ALTER TABLE new_scores RENAME TO scores;

  CREATE TABLE new_item_scores (
    trial_id           INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
    task               TEXT NOT NULL,
    shots              INTEGER NOT NULL,
    demonstration_seed INTEGER NOT NULL,
    metric             TEXT NOT NULL,
    condition          TEXT NOT NULL CHECK (condition IN ('asked', 'blind', 'shuffled')),
    item               TEXT NOT NULL,
    demonstration_list INTEGER NOT NULL,
    prompt             TEXT NOT NULL,
    output             TEXT NOT NULL,
    reference_list     TEXT NOT NULL CHECK (json_valid(reference_list)),
    value              REAL NOT NULL,
    PRIMARY KEY (trial_id, task, shots, demonstration_seed, metric, condition, item)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO new_item_scores
    SELECT trial_id, task, shots, 0, metric, CASE condition WHEN 'image' THEN 'asked' ELSE condition END, item, 0,
      prompt, output, reference_list, value
    FROM item_scores;
  DROP TABLE item_scores;
  ALTER TABLE new_item_scores RENAME TO item_scores;

  -- A task was its name alone.
  UPDATE runs SET evaluation = json_set(
    evaluation,
    '$.tasks', json((SELECT json_group_array(json_object('name', value)) FROM json_each(evaluation, '$.tasks'))),
    '$.demonstration_seeds', 1,
    '$.prompts', json('{}')
  );
  `,
];

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
