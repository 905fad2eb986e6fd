import { MultiBar, type SingleBar } from 'cli-progress';
import { duration } from '../time-left.js';
import { paceLeft, type Screen } from './screen.js';

/** Longest title that leaves room for the rest of a bar's line. */
function clip(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text.padEnd(columns);
}

const left = (seconds: number | null) => (seconds === null ? 'measuring' : `${duration(seconds)} left`);

/** Two bars that stay in place, the grid's and the stage's; what is noted scrolls above them. */
export function barScreen(stream: NodeJS.WriteStream): Screen {
  const columns = stream.columns ?? 80;
  const titleColumns = Math.max(16, Math.min(44, columns - 44));
  const bars = new MultiBar({
    stream,
    format: ' {title} {bar} {value}/{total} {say}',
    barsize: 14,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    linewrap: false,
    clearOnComplete: false,
    stopOnComplete: false,
    forceRedraw: true,
    gracefulExit: false, // Ctrl-C is the run's to answer
    fps: 8,
  });
  let grid: SingleBar | null = null;
  let stage: SingleBar | null = null;
  let title = '';
  let started = 0;

  const removeStage = () => {
    if (stage) bars.remove(stage);
    stage = null;
  };
  return {
    grid({ done, total, secondsLeft }) {
      const say = done === total ? '' : left(secondsLeft);
      grid ??= bars.create(total, done, { title: clip('grid: trials', titleColumns), say });
      grid.update(done, { say });
    },
    stageStarted(name) {
      removeStage();
      title = clip(name, titleColumns);
      started = performance.now();
      stage = bars.create(1, 0, { title, say: '' });
    },
    stageProgress(progress) {
      const loss = progress.loss === undefined ? '' : `loss ${progress.loss.toFixed(3)} `;
      stage?.setTotal(progress.total);
      stage?.update(progress.done, { say: `${loss}${left(paceLeft(started, progress))}` });
    },
    stageEnded(result) {
      removeStage();
      bars.log(`${result}\n`);
    },
    note: (text) => bars.log(`${text}\n`),
    close() {
      if (!bars.isActive) return;
      removeStage();
      bars.update(); // writes what was noted since it last drew
      bars.stop();
    },
  };
}
