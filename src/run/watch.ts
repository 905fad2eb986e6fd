import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFile } from '../store/place.js';
import type { StoreReader } from '../store/reader.js';
import { Store } from '../store/store.js';
import { duration } from '../units.js';

/** Milliseconds between two looks at the record. */
const LOOK = 500;
/** Milliseconds between two lines about what is at work. */
const EVERY = 5000;
/** Exit statuses by how a run ended; a run that is not at work is as good as interrupted. */
const STATUSES = { done: 0, failed: 1, interrupted: 130, running: 130 } as const;

/**
 * Prints what happens in a run, as its record shows it: stages and trials that end, and losses of what is at work.
 * @returns 0 where it was done, 1 where trials failed, 130 where it was interrupted, or its process is gone
 * @throws Mm1Error E_NO_RUNS, E_RUN where there is no such run
 */
export async function watch(runsFolder: string, idOrLatest: string, out: NodeJS.WritableStream): Promise<number> {
  const store = Store.openReadOnly(databaseFile(runsFolder));
  const say = (text: string) => out.write(`${text}\n`);
  try {
    const { id, planHash, provenance } = store.run(idOrLatest);
    const told = new Set<string>();
    let spoken = Number.NEGATIVE_INFINITY;
    say(`run ${id}`);
    for (;;) {
      const { status } = store.run(id);
      const atWork = store.locks().some(({ name }) => name === `plan ${planHash} on ${provenance.engine.name}`);
      for (const line of news(store, id, told)) say(line);
      if (performance.now() - spoken >= EVERY && status === 'running') {
        spoken = performance.now();
        for (const line of present(store, id)) say(line);
      }
      if (status !== 'running' || !atWork) {
        const trials = store.trials(id);
        const done = trials.filter((trial) => trial.status === 'done').length;
        say(`${status === 'running' ? 'its process is gone' : status}: ${done}/${trials.length} trials done`);
        return STATUSES[status];
      }
      await sleep(LOOK);
    }
  } finally {
    store.close();
  }
}

/** Stages and trials that ended since they were last asked for. */
function news(store: StoreReader, run: string, told: Set<string>): string[] {
  const stages = store.stages(run).map(({ key, title, status, cached, seconds, error }): [string, string] => {
    const how = status === 'failed' ? `failed: ${error}` : cached ? 'found in the cache' : duration(seconds);
    return [`${key} ${status}`, `${title}: ${how}`];
  });
  const trials = store.trials(run);
  const ended = trials.filter(({ status }) => status === 'done' || status === 'failed').length;
  const all = [...stages, [`grid ${ended}`, `grid: ${ended}/${trials.length} trials`] as [string, string]];
  return all.flatMap(([name, line]) => {
    if (told.has(name)) return [];
    told.add(name);
    return [line];
  });
}

/** The newest loss of each stage that has recorded one and has not ended. */
function present(store: StoreReader, run: string): string[] {
  const ended = new Set(store.stages(run).flatMap(({ key, status }) => (status === 'done' ? [key] : [])));
  return store
    .newestLosses(run)
    .filter(({ stageKey }) => !ended.has(stageKey))
    .map(({ stageKey, step, value }) => `${stageKey}: step ${step}, loss ${value.toFixed(3)}`);
}
