// Times one whole training step (forward, gradients, clipping, AdamW) of mm1 op by op, as a graph, compiled by XLA and, where asked for, on WebGPU, and
// PyTorch op by op, on the same weights, batches and losses, which are compared first. Peers take turns, one computing at a time. Where
// mm1 computes on a GPU, PyTorch does too, if its build can.
//   npm run build && npm run bench:step              all cases
//   npm run bench:step -- tiny nano                  some of them; without a GPU micro and small run only where they are named
//   npm run bench:step -- micro --peers graph,PyTorch   some peers alone: four of micro need more than 24 GB
//   npm run bench:step -- nano --peers graph,WebGPU     WebGPU, where its packages are
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
/** On a GPU, where products may be taken in TF32. */
const SAME_ON_GPU = 1e-2;
/** Too slow to be waited for on a processor unasked. */
const LARGE = ['micro', 'small'];
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

async function openMm1(env) {
  const child = fork(here('step/mm1.mjs'), [], { env: { ...process.env, ...env } });
  const ended = once(child, 'exit').then(([status]) => Promise.reject(new Error(`mm1 ended with status ${status}`)));
  ended.catch(() => {}); // whoever waits for an answer is told
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  const engine = await answer();
  return {
    engine,
    ask(message) {
      child.send(message);
      return answer();
    },
    close: () => child.kill(),
  };
}

async function openTorch(python, device) {
  const stdio = ['pipe', 'pipe', 'inherit'];
  const child = spawn(python, [here('step/peer.py'), String(cpus().length), device], { stdio });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await lines.next()).value);
  const { version, device: name } = await answer();
  return {
    version,
    device: name,
    ask(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return answer();
    },
    close: () => child.kill(),
  };
}

/** Fails where two sides do not train alike. */
function compare(name, losses, same) {
  const [[first, reference], ...others] = Object.entries(losses);
  for (const [peer, found] of others) {
    found.forEach((loss, i) => {
      if (Math.abs(loss / reference[i] - 1) <= same) return;
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
for (const [name, env] of [
  ['op by op', { MM1_COMPILE: '0' }],
  ['graph', { MM1_COMPILE: 'graph' }],
  ['XLA', { MM1_COMPILE: 'xla' }],
  ['WebGPU', { MM1_ENGINE: 'webgpu' }],
]) {
  if (compared.includes(name)) peers[name] = await openMm1(env);
}
const [opens, ...others] = Object.values(peers);
const devices = new Set(Object.values(peers).map(({ engine }) => engine.device));
const onGpu = Object.values(peers).some(({ engine }) => engine.gpu);
if (python) peers.PyTorch = await openTorch(python, onGpu ? 'gpu' : 'processor');
const torch = python ? `; PyTorch ${peers.PyTorch.version} on ${peers.PyTorch.device}` : '';
console.log(`${[...devices].join(' and ')}, ${cpus().length} cores${torch}`);
console.log('ms a step: median [least, most] of rounds in turn');
for (const name of wanted.length > 0 ? wanted : Object.keys(CASES).filter((name) => onGpu || !LARGE.includes(name))) {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-bench-step-'));
  const { title, kind, config, tokens } = await opens.ask({ type: 'open', name, folder });
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
  compare(title, losses, onGpu ? SAME_ON_GPU : SAME);
  const times = Object.fromEntries(Object.keys(peers).map((peer) => [peer, []]));
  const rounds = Object.values(steps).some((count) => count === 1) ? SLOW_ROUNDS : ROUNDS;
  for (let round = 0; round < rounds; round++) {
    for (const [peer, { ask }] of Object.entries(peers))
      times[peer].push((await ask({ type: 'run', steps: steps[peer] })).milliseconds);
  }
  const told = Object.entries(times).map(([peer, all]) => {
    const figures = [median(all), Math.min(...all), Math.max(...all)].map((value) => value.toFixed(1));
    const speed = tokens ? `, ${Math.round((1000 * tokens) / median(all)).toLocaleString('en')} tokens/s` : '';
    return `${peer} ${figures[0]} [${figures[1]}, ${figures[2]}]${speed}`;
  });
  const ratio = (a, b) => (median(times[a]) / median(times[b])).toFixed(2);
  const ratios = Object.keys(peers)
    .filter((peer) => peer !== 'graph' && 'graph' in peers)
    .map((peer) => `graph / ${peer} ${ratio('graph', peer)}`);
  console.log(`${title}: ${told.join('; ')}; ${ratios.join(', ')}`);
}
for (const { close } of Object.values(peers)) close();
