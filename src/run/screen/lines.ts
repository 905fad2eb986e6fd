import { duration } from '../time-left.js';
import { paceLeft, type Screen } from './screen.js';

/** Milliseconds between two lines about the same stage. */
const EVERY = 15_000;

/** Plain lines, for a pipe, a log or CI. */
export function lineScreen(stream: NodeJS.WritableStream): Screen {
  let title = '';
  let started = 0;
  let said = 0;
  const say = (text: string) => stream.write(`${text}\n`);
  return {
    grid({ done, total, secondsLeft }) {
      const left = secondsLeft === null || done === total ? '' : `, about ${duration(secondsLeft)} left`;
      say(`grid: ${done}/${total} trials${left}`);
    },
    stageStarted(name) {
      title = name;
      started = performance.now();
      said = started;
    },
    stageProgress(progress) {
      const now = performance.now();
      if (now - said < EVERY) return;
      said = now;
      const loss = progress.loss === undefined ? '' : `, loss ${progress.loss.toFixed(3)}`;
      const left = paceLeft(started, progress);
      say(`${title}: ${progress.done}/${progress.total}${loss}${left === null ? '' : `, ${duration(left)} left`}`);
    },
    stageEnded: say,
    note: say,
    close() {},
  };
}
