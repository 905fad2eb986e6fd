// Times what the first training step of a process costs beyond a later one: op by op, recorded as a graph, compiled by XLA anew, and
// by XLA from the programs that an earlier process kept. Every figure is of a process of its own, in turn.
//   npm run build && npm run bench:compile              all cases
//   npm run bench:compile -- dec64 nano                 some of them

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CASES } from './step/cases.mjs';

const ROUNDS = 3;
const MODES = { 'op by op': '0', graph: 'graph', 'XLA, anew': 'xla', 'XLA, kept': 'xla' };
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Milliseconds of the first step of a process beyond its fourth, which is warm. */
async function firstStep(name, mode, programs) {
  const child = fork(fileURLToPath(new URL('step/mm1.mjs', import.meta.url)), [programs], {
    env: { ...process.env, MM1_COMPILE: mode },
  });
  const ended = once(child, 'exit').then(([status]) => Promise.reject(new Error(`mm1 ended with status ${status}`)));
  ended.catch(() => {}); // whoever waits for an answer is told
  const ask = async (message) => {
    if (message) child.send(message);
    return (await Promise.race([once(child, 'message'), ended]))[0];
  };
  await ask();
  await ask({ type: 'open', name });
  const first = await ask({ type: 'run', steps: 1 });
  await ask({ type: 'run', steps: 2 });
  const later = await ask({ type: 'run', steps: 1 });
  child.kill();
  return first.milliseconds - later.milliseconds;
}

const wanted = process.argv.slice(2).filter((argument) => argument in CASES);
console.log(`${cpus()[0].model}, ${cpus().length} cores`);
console.log('seconds that the first step takes beyond a later one: median [least, most] of processes in turn');
for (const name of wanted.length > 0 ? wanted : Object.keys(CASES)) {
  const times = Object.fromEntries(Object.keys(MODES).map((title) => [title, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'mm1-bench-compile-'));
    for (const [title, mode] of Object.entries(MODES)) {
      const seconds = (await firstStep(name, mode, mode === 'xla' ? folder : '')) / 1000;
      times[title].push(seconds);
    }
    rmSync(folder, { recursive: true });
  }
  const told = Object.entries(times).map(([title, all]) => {
    const figures = [median(all), Math.min(...all), Math.max(...all)].map((value) => value.toFixed(2));
    return `${title} ${figures[0]} [${figures[1]}, ${figures[2]}]`;
  });
  console.log(`${CASES[name]().title}: ${told.join('; ')}`);
}
