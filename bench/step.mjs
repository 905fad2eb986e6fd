// Times one whole training step (forward, gradients, clipping, AdamW) of mm1 op by op, as a graph and compiled by XLA, and PyTorch op by op, on
// the same weights, batches and losses, which are compared first. Peers take turns, one computing at a time.
//   npm run build && npm run bench:step              all cases
//   npm run bench:step -- tiny nano                  some of them
//   npm run bench:step -- micro --peers graph,PyTorch   some peers alone: four of micro need more than 24 GB
// PyTorch is installed from pip into a virtual environment of its own (.engine/bench-torch: about 5.5 GB with all that its
// package asks for); MM1_BENCH_PYTHON names a Python that has torch and safetensors already.

import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ADAM, CASES, RATE } from './step/cases.mjs';

const ROUNDS = 5;
/** Of a step that is longer than a turn. */
const SLOW_ROUNDS = 3;
/** Milliseconds that a peer computes in one turn, about. */
const TURN = 2500;
const WARM_STEPS = 3;
const SAME = 1e-4;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** A Python with PyTorch, or null after saying why there is none. */
function findPython() {
  if (process.env.MM1_BENCH_PYTHON) return process.env.MM1_BENCH_PYTHON;
  const home = here('../.engine/bench-torch');
  const python = join(home, 'bin', 'python');
  try {
    if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', home], { stdio: 'ignore' });
    try {
      execFileSync(python, ['-c', 'import torch, safetensors'], { stdio: 'ignore' });
    } catch {
      console.error('installing PyTorch into .engine/bench-torch: a minute or more');
      execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy', 'safetensors'], { stdio: 'inherit' });
    }
    return python;
  } catch (error) {
    console.error(`PyTorch is left out: it cannot be installed here (${String(error.message).split('\n')[0]})`);
    return null;
  }
}

async function openMm1(mode) {
  const child = fork(here('step/mm1.mjs'), [], { env: { ...process.env, MM1_COMPILE: mode } });
  const ended = once(child, 'exit').then(([status]) => Promise.reject(new Error(`mm1 ended with status ${status}`)));
  ended.catch(() => {}); // whoever waits for an answer is told
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  await answer();
  return {
    ask(message) {
      child.send(message);
      return answer();
    },
    close: () => child.kill(),
  };
}

async function openTorch(python) {
  const child = spawn(python, [here('step/peer.py'), String(cpus().length)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value);
  const { version } = await answer();
  return {
    version,
    ask(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return answer();
    },
    close: () => child.kill(),
  };
}

/** Fails where two sides do not train alike. */
function compare(name, losses) {
  const [[first, reference], ...others] = Object.entries(losses);
  for (const [peer, found] of others) {
    found.forEach((loss, i) => {
      if (Math.abs(loss / reference[i] - 1) <= SAME) return;
      throw new Error(`${name}: the loss of step ${i + 1} is ${loss} of ${peer}, and ${reference[i]} of ${first}`);
    });
  }
}

const { values: asked, positionals } = parseArgs({
  options: { peers: { type: 'string', default: 'op by op,graph,XLA,PyTorch' } },
  allowPositionals: true,
});
const wanted = positionals.filter((argument) => argument in CASES);
const compared = asked.peers.split(',');
const python = compared.includes('PyTorch') ? findPython() : null;
const peers = {};
for (const [name, mode] of [
  ['op by op', '0'],
  ['graph', 'graph'],
  ['XLA', 'xla'],
]) {
  if (compared.includes(name)) peers[name] = await openMm1(mode);
}
const [opens, ...others] = Object.values(peers);
if (python) peers.PyTorch = await openTorch(python);
console.log(`${cpus()[0].model}, ${cpus().length} cores${python ? `; PyTorch ${peers.PyTorch.version}` : ''}`);
console.log('ms a step: median [least, most] of rounds in turn');
for (const name of wanted.length > 0 ? wanted : Object.keys(CASES)) {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-bench-step-'));
  const { title, kind, config } = await opens.ask({ type: 'open', name, folder });
  for (const peer of others) await peer.ask({ type: 'open', name });
  await peers.PyTorch?.ask({ type: 'open', folder, kind, config, adam: ADAM, rate: RATE });
  rmSync(folder, { recursive: true });

  const losses = {};
  const steps = {};
  for (const [peer, { ask }] of Object.entries(peers)) {
    losses[peer] = (await ask({ type: 'run', steps: WARM_STEPS })).losses;
    const { milliseconds } = await ask({ type: 'run', steps: 1 });
    steps[peer] = Math.ceil(TURN / milliseconds);
  }
  compare(title, losses);
  const times = Object.fromEntries(Object.keys(peers).map((peer) => [peer, []]));
  const rounds = Object.values(steps).some((count) => count === 1) ? SLOW_ROUNDS : ROUNDS;
  for (let round = 0; round < rounds; round++) {
    for (const [peer, { ask }] of Object.entries(peers))
      times[peer].push((await ask({ type: 'run', steps: steps[peer] })).milliseconds);
  }
  const told = Object.entries(times).map(([peer, all]) => {
    const figures = [median(all), Math.min(...all), Math.max(...all)].map((value) => value.toFixed(1));
    return `${peer} ${figures[0]} [${figures[1]}, ${figures[2]}]`;
  });
  const ratio = (a, b) => (median(times[a]) / median(times[b])).toFixed(2);
  const ratios = Object.keys(peers)
    .filter((peer) => peer !== 'graph' && 'graph' in peers)
    .map((peer) => `graph / ${peer} ${ratio('graph', peer)}`);
  console.log(`${title}: ${told.join('; ')}; ${ratios.join(', ')}`);
}
for (const { close } of Object.values(peers)) close();
