import { MultiBar, type SingleBar } from 'cli-progress';
import { duration } from '../../units.js';
import { paceLeft, type Screen } from './screen.js';

/** Longest title that leaves room for the rest of a bar's line. */
function clip(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text.padEnd(columns);
}

const left = (seconds: number | null) => (seconds === null ? 'measuring' : `${duration(seconds)} left`);

/** Bars that stay in place, the grid's and one for each stage at work; what is noted scrolls above them. */
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
  const stages = new Map<string, { readonly bar: SingleBar; readonly started: number }>();

  const removeStage = (key: string) => {
    const stage = stages.get(key);
    if (stage) bars.remove(stage.bar);
    stages.delete(key);
  };
  return {
    grid({ done, total, secondsLeft }) {
      const say = done === total ? '' : left(secondsLeft);
      grid ??= bars.create(total, done, { title: clip('grid: trials', titleColumns), say });
      grid.update(done, { say });
    },
    stageStarted(key, title) {
      removeStage(key);
      const bar = bars.create(1, 0, { title: clip(title, titleColumns), say: '' });
      stages.set(key, { bar, started: performance.now() });
    },
    stageProgress(key, progress) {
      const stage = stages.get(key);
      if (!stage) return;
      const loss = progress.loss === undefined ? '' : `loss ${progress.loss.toFixed(3)} `;
      stage.bar.setTotal(progress.total);
      stage.bar.update(progress.done, { say: `${loss}${left(paceLeft(stage.started, progress))}` });
    },
    stageEnded(key, result) {
      removeStage(key);
      bars.log(`${result}\n`);
    },
    note: (text) => bars.log(`${text}\n`),
    close() {
      if (!bars.isActive) return;
      for (const key of stages.keys()) removeStage(key);
      bars.update(); // writes what was noted since it last drew
      bars.stop();
    },
  };
}
