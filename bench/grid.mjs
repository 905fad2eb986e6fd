// Measures what sharing stages and compiling steps save: a grid as it runs, in a fresh folder, against every trial on its own
// and op by op. That each stage is computed anew for every trial is not waited for: the stages of the first seed are computed op
// by op once, one after the other with all cores, in another fresh folder, and each is counted as often as trials of any seed need
// one like it.
//   npm run build && npm run bench:grid                                         configs/connector.yaml: two hours
//   npm run bench:grid -- --set training.steps=70 --set encoder.steps=160       a quarter of the steps: an hour
//   npm run bench:grid -- --grid configs/smoke.yaml --seeds 0,1                 another one
//   npm run bench:grid -- --keep runs                                           keeps what was shared: a run like any other

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadGrid } from '../dist/config/load.js';
import { checkpointReader } from '../dist/plan/checkpoints.js';
import { stageGraph } from '../dist/plan/graph.js';
import { sourceReader } from '../dist/plan/sources.js';
import { databaseFile } from '../dist/store/place.js';
import { Store } from '../dist/store/store.js';

const root = resolve(import.meta.dirname, '..');
const { values: asked } = parseArgs({
  options: {
    grid: { type: 'string', default: 'configs/connector.yaml' },
    seeds: { type: 'string', default: '0,1,2' },
    set: { type: 'string', multiple: true, default: [] },
    keep: { type: 'string' },
  },
});

const seeds = asked.seeds.split(',').map(Number);

/** Runs the grid with these seeds in a fresh folder, which is kept if it has a name. */
function run(mode, seeds, { keep, options = [] }) {
  if (keep && existsSync(keep)) throw new Error(`${keep} is there already`);
  const runs = keep ?? mkdtempSync(join(tmpdir(), 'mm1-bench-grid-'));
  try {
    process.stderr.write(`${asked.grid}, MM1_COMPILE=${mode} ...\n`);
    const start = performance.now();
    const args = [
      'ablate',
      asked.grid,
      '--seeds',
      seeds.join(','),
      '--runs-dir',
      runs,
      ...options,
      ...asked.set.flatMap((each) => ['--set', each]),
    ];
    const { status } = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...args], {
      cwd: root,
      stdio: 'ignore',
      env: { ...process.env, MM1_COMPILE: mode },
    });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) throw new Error(`the grid ended with status ${status}`);
    const store = Store.openReadOnly(databaseFile(runs));
    const { id, provenance } = store.run('latest');
    const { engine } = provenance;
    if (engine.name !== 'tensorflow')
      throw new Error(`${engine.name} compiles nothing: TensorFlow is needed ("npx mm1 engine")`);
    const stages = new Map(store.stages(id).map((stage) => [stage.key, stage]));
    store.close();
    const plan = loadGrid(resolve(root, asked.grid), { seeds, set: asked.set }, checkpointReader(), sourceReader(runs));
    return { seconds, stages, graph: stageGraph(plan, engine.name) };
  } finally {
    if (!keep) rmSync(runs, { recursive: true });
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const shared = run('graph', seeds, { keep: asked.keep && resolve(asked.keep) });
const eager = run('0', seeds.slice(0, 1), { options: ['--workers', '1'] });
const needed = eager.graph.trials.flatMap(({ keys }) => keys);
const alone = seeds.length * sum(needed.map((key) => eager.stages.get(key).seconds));
const told = (seconds) => `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
console.log(
  `${cpus()[0].model}, ${cpus().length} cores; ${asked.grid}${asked.set.map((each) => `, ${each}`).join('')}, ${shared.graph.trials.length} trials`,
);
console.log(`as it runs: shared, as graphs: ${told(shared.seconds)} (${shared.stages.size} stages)`);
console.log(`shared, op by op, one seed: ${told(eager.seconds)}`);
console.log(
  `every trial alone, one after the other, op by op: ${told(alone)} (a sum: ${needed.length * seeds.length} stages, each as long as when it was computed once)`,
);
console.log(`ratio ${(alone / shared.seconds).toFixed(2)} (promise: at least 6 for connector.yaml)`);
