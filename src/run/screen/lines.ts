import { duration } from '../../units.js';
import { paceLeft, type Screen } from './screen.js';

/** Milliseconds between two lines about the same stage. */
const EVERY = 15_000;

/** Plain lines, for a pipe, a log or CI. */
export function lineScreen(stream: NodeJS.WritableStream): Screen {
  const stages = new Map<string, { readonly title: string; readonly started: number; said: number }>();
  const say = (text: string) => stream.write(`${text}\n`);
  return {
    grid({ done, total, secondsLeft }) {
      const left = secondsLeft === null || done === total ? '' : `, about ${duration(secondsLeft)} left`;
      say(`grid: ${done}/${total} trials${left}`);
    },
    stageStarted(key, title) {
      const now = performance.now();
      stages.set(key, { title, started: now, said: now });
    },
    stageProgress(key, progress) {
      const now = performance.now();
      const stage = stages.get(key);
      if (!stage || now - stage.said < EVERY) return;
      stage.said = now;
      const loss = progress.loss === undefined ? '' : `, loss ${progress.loss.toFixed(3)}`;
      const left = paceLeft(stage.started, progress);
      const pace = left === null ? '' : `, ${duration(left)} left`;
      say(`${stage.title}: ${progress.done}/${progress.total}${loss}${pace}`);
    },
    stageEnded(key, result) {
      stages.delete(key);
      say(result);
    },
    note: say,
    close() {},
  };
}
