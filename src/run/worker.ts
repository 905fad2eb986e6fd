import { hasFailed } from '../engine/faults.js';
import { openEngine } from '../engine/index.js';
import { computeStage } from './compute-stage.js';
import type { FromWorker, ToWorker } from './messages.js';
import { faultOf } from './stage-fault.js';

/** Milliseconds between two signs of life. */
const ALIVE_EVERY = 1000;

let stopping = false;

/** Says something to the head. @param last whether it is the last that this process has to say */
function send(message: FromWorker, last = false): void {
  process.send?.(message, undefined, undefined, (error) => {
    // The head is gone in the midst of a message: without it nobody would read the result.
    if (error || last) process.exit(1);
  });
}

async function compute(request: Extract<ToWorker, { type: 'stage' }>): Promise<void> {
  const end = await computeStage(request, send, () => stopping);
  // On a device that failed nothing more is computed.
  send(end, hasFailed() || (end.type === 'failed' && end.fault.code === 'E_GPU'));
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
