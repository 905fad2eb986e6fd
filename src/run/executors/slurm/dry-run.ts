import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SlurmSettings } from '../../../config/slurm.js';
import { chooseEngine } from '../../../engine/index.js';
import { stageGraph } from '../../../plan/graph.js';
import type { Stage } from '../../../plan/stage.js';
import { StageCache } from '../../../store/cache.js';
import { cacheFolder } from '../../../store/place.js';
import { type PlanAsked, readPlan } from '../../read-plan.js';
import { levelsOf, scriptsOf } from './batches.js';
import { spoolFolder } from './spool.js';

/** Tasks of an array where the controller was not asked. */
const MOST = 1000;

/**
 * The scripts that a grid's first jobs would be submitted by, in order, each with the titles of its stages; nothing is submitted or written. `RUN` stands for the
 * run's name, and `JOB1` for the number that Slurm gives the first.
 */
export function slurmScripts(asked: PlanAsked & { readonly slurm?: SlurmSettings }): string {
  const plan = readPlan(asked);
  const engine = chooseEngine();
  const { stages } = stageGraph(plan, engine.name);
  const folder = cacheFolder(asked.runsFolder);
  const cache = existsSync(folder) ? new StageCache(folder) : null; // opening one makes its folder
  const missing = [...stages.values()].filter(({ key }) => !cache?.has(key));
  const levels = levelsOf(missing.map((stage) => ({ stage })));
  const scriptOf = scriptsOf('RUN', resolve(spoolFolder(asked.runsFolder, 'RUN')), engine, {
    ...plan.slurm,
    ...asked.slurm,
  });
  const texts: string[] = [];
  let before: string[] = [];
  for (const [level, members] of levels.entries()) {
    const own: string[] = [];
    for (let start = 0; start < members.length; start += MOST) {
      const some: Stage[] = members.slice(start, start + MOST).map(({ stage }) => stage);
      const number = texts.length + 1;
      const titles = some.map(({ title }, task) => `#   ${task}: ${title}`);
      const script = scriptOf({ number, level, keys: some.map(({ key }) => key) }, before);
      texts.push(`${[`# job ${number}, level ${level + 1} of ${levels.length}:`, ...titles].join('\n')}\n${script}`);
      own.push(`JOB${number}`);
    }
    before = [...before, ...own];
  }
  return texts.length === 0 ? '# everything is in the cache: nothing would be submitted\n' : texts.join('\n');
}
