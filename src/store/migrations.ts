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
  // Designs, precision, what kind of fault ended a trial and in how many attempts, and who holds what.
  `
  ALTER TABLE runs ADD COLUMN design TEXT NOT NULL DEFAULT '{"kind":"full"}' CHECK (json_valid(design));
  ALTER TABLE runs ADD COLUMN exclusions TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(exclusions));
  ALTER TABLE runs ADD COLUMN planned_seconds REAL;
  ALTER TABLE trials ADD COLUMN error_code TEXT;
  ALTER TABLE stages ADD COLUMN error_code TEXT;
  ALTER TABLE stages ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE stages ADD COLUMN log TEXT NOT NULL DEFAULT '';
  UPDATE variants SET recipe = json_set(recipe, '$.precision', 'fp32') WHERE recipe ->> '$.precision' IS NULL;

  -- A process that is gone holds nothing, whatever stands here.
  CREATE TABLE locks (
    name     TEXT PRIMARY KEY,
    pid      INTEGER NOT NULL,
    born     TEXT NOT NULL,
    host     TEXT NOT NULL,
    taken_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What statistics need, close together: an item's value in every trial, what it is about, and which stages a trial stood on.
  `
  CREATE TABLE task_items (
    run_id   TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    task     TEXT NOT NULL,
    items    TEXT NOT NULL CHECK (json_valid(items)),
    -- Of each item, in the same order. What older versions asked is known by the item alone.
    concepts TEXT NOT NULL CHECK (json_valid(concepts)),
    PRIMARY KEY (run_id, task)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO task_items
    SELECT run_id, task, json_group_array(item ORDER BY item), json_group_array(item ORDER BY item)
    FROM (
      SELECT DISTINCT run_id, task, item FROM item_scores
      JOIN trials ON trials.id = trial_id JOIN variants ON variants.id = variant_id
    )
    GROUP BY run_id, task;

  -- Each item's value as a 64-bit float, in the order of task_items; empty where items were not recorded.
  ALTER TABLE scores ADD COLUMN item_values BLOB NOT NULL DEFAULT x'';
  UPDATE scores SET item_values = coalesce((
    SELECT doubles(value ORDER BY item) FROM item_scores AS answers
    WHERE answers.trial_id = scores.trial_id AND answers.task = scores.task AND answers.shots = scores.shots
      AND answers.demonstration_seed = scores.demonstration_seed AND answers.metric = scores.metric
      AND answers.condition = scores.condition
  ), x'');

  CREATE TABLE trial_stages (
    trial_id  INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
    stage_key TEXT NOT NULL,
    PRIMARY KEY (trial_id, stage_key)
  ) STRICT, WITHOUT ROWID;
  `,
  // Copies of runs that are kept for years have them deflated (RFC 1951); a run writes them as they are, which reads fastest.
  `
  ALTER TABLE scores ADD COLUMN deflated INTEGER NOT NULL DEFAULT 0 CHECK (deflated IN (0, 1));
  `,
];
