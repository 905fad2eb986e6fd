import type { StoreReader } from '../store/reader.js';
import type { TrialStatus } from '../store/rows.js';
import { duration, since } from '../units.js';
import { clean } from './clean.js';
import { columnTable } from './layout.js';

/** How a run stands; `lost` where its process is gone and did not say how it ended. */
export type Standing = 'at work' | 'lost' | 'done' | 'interrupted' | 'failed';

/** One run, as it is listed. */
export interface ListedRun {
  readonly id: string;
  readonly name: string;
  readonly scale: string;
  readonly standing: Standing;
  readonly trials: Readonly<Record<TrialStatus, number>>;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** All runs, newest first. */
export function listRuns(store: StoreReader): ListedRun[] {
  const held = new Set(store.locks().map(({ name }) => name));
  return store.runs().map((run) => {
    const statuses = store.trials(run.id).map(({ status }) => status);
    const count = (wanted: TrialStatus) => statuses.filter((status) => status === wanted).length;
    const isHeld = held.has(`plan ${run.planHash} on ${run.provenance.engine.name}`);
    return {
      id: run.id,
      name: run.name,
      scale: run.scale,
      standing: run.status === 'running' ? (isHeld ? 'at work' : 'lost') : run.status,
      trials: { done: count('done'), failed: count('failed'), running: count('running'), pending: count('pending') },
      startedAt: run.startedAt,
      finishedAt: run.finishedAt,
    };
  });
}

/** Runs as a table. */
export function renderRuns(runs: readonly ListedRun[], now: Date, heading: (text: string) => string): string {
  const rows = runs.map(({ id, standing, scale, trials, startedAt, finishedAt }) => {
    const total = trials.done + trials.failed + trials.running + trials.pending;
    const took = finishedAt === null ? '-' : duration((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
    return [
      clean(id),
      standing,
      scale,
      `${trials.done}/${total}${trials.failed > 0 ? `, ${trials.failed} failed` : ''}`,
      since(new Date(startedAt), now),
      took,
    ];
  });
  const columns = [
    ...[{ title: 'run' }, { title: 'stands' }, { title: 'scale' }, { title: 'trials done' }, { title: 'started' }],
    { title: 'from first start to end', align: 'right' },
  ] as const;
  const lost = runs.some(({ standing }) => standing === 'lost' || standing === 'interrupted');
  const note = lost ? '\nThe command that started a run that is lost or interrupted goes on with it.\n' : '';
  return `${heading('RUNS')}\n${columnTable(columns, rows)}\n${note}`;
}
