import { setImmediate } from 'node:timers/promises';
import { takeCompilations } from '../engine/compile.js';
import { assertSound, hasFailed } from '../engine/faults.js';
import { openEngine } from '../engine/index.js';
import type { Stage } from '../plan/stage.js';
import type { FromWorker, ToWorker } from './messages.js';
import { faultOf } from './stage-fault.js';
import { STAGE_RUNNERS } from './stages/index.js';
import type { StageContext, StageRunner, Summary } from './stages/stage-kind.js';

/** Thrown inside a stage when the head asked for it to stop. */
class Stopped extends Error {}

/** Milliseconds between two signs of life. */
const ALIVE_EVERY = 1000;
/** Milliseconds between two reports of progress: more would only cost. */
const REPORT_EVERY = 100;

let stopping = false;

/** Says something to the head. @param last whether it is the last that this process has to say */
function send(message: FromWorker, last = false): void {
  process.send?.(message, undefined, undefined, (error) => {
    // The head is gone in the midst of a message: without it nobody would read the result.
    if (error || last) process.exit(1);
  });
}

async function compute(request: Extract<ToWorker, { type: 'stage' }>): Promise<void> {
  let rows: { step: number; name: string; value: number }[] = [];
  let reported = Number.NEGATIVE_INFINITY;
  const flush = () => {
    if (rows.length > 0) send({ type: 'metrics', rows });
    rows = [];
  };
  const context: StageContext = {
    folder: request.folder,
    checkpoints: request.checkpoints,
    published() {
      if (request.stage.checkpoint === null) throw new Error(`${request.stage.kind} loads no checkpoint`);
      return request.stage.checkpoint;
    },
    places: request.places,
    parent(role) {
      const folder = request.parents[role];
      if (!folder) throw new Error(`${request.stage.kind} reads no ${role}`);
      return folder;
    },
    async progress(progress) {
      const now = performance.now();
      if (now - reported >= REPORT_EVERY || progress.done === progress.total) {
        reported = now;
        send({ type: 'progress', progress });
        flush();
      }
      await setImmediate(); // lets a message from the head in: the engine itself never waits
      assertSound();
      if (stopping) throw new Stopped();
    },
    note: (text) => send({ type: 'note', text }),
    metric: (step, name, value) => rows.push({ step, name, value }),
  };
  const started = performance.now();
  try {
    const run = STAGE_RUNNERS[request.stage.kind] as StageRunner<Stage['kind']>;
    const summary = await run(request.stage.spec, context);
    assertSound();
    flush();
    send({
      type: 'done',
      summary: { ...summary, ...compilingSummary(context.note) },
      seconds: (performance.now() - started) / 1000,
    });
  } catch (error) {
    flush();
    if (error instanceof Stopped) return send({ type: 'stopped' }, hasFailed());
    const fault = faultOf(error);
    // On a device that failed nothing more is computed.
    send({ type: 'failed', fault }, hasFailed() || fault.code === 'E_GPU');
  }
}

/** Shapes of one step beyond which a stage says that it compiles too much. */
const MOST_SHAPES = 8;

/** What a stage's steps cost to compile; says so aloud where a step was compiled for many shapes. */
function compilingSummary(note: (text: string) => void): Summary {
  const made = takeCompilations();
  if (made.length === 0) return {};
  for (const title of new Set(made.map((each) => each.title))) {
    const shapes = made.filter((each) => each.title === title).length;
    if (shapes > MOST_SHAPES) note(`the step "${title}" was compiled for ${shapes} shapes`);
  }
  return { programs: made.length, 'compiling, s': made.reduce((sum, { seconds }) => sum + seconds, 0) };
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'stop') stopping = true;
  else void compute(message);
});
// Ctrl-C reaches every process of the terminal; the head decides what it means.
process.on('SIGINT', () => {});
// Without a head nobody would read the result.
process.on('disconnect', () => process.exit(1));

try {
  const engine = await openEngine(undefined, process.argv[2]);
  setInterval(() => send({ type: 'alive' }), ALIVE_EVERY).unref();
  send({ type: 'ready', engine });
} catch (error) {
  send({ type: 'refused', fault: faultOf(error) });
}
