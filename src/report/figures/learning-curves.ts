import { type Figure, WIDTH } from './figure.js';

/** Losses of the multimodal trainings, a line a trial. */
export const learningCurves: Figure = ({ report, curves }) => {
  if (curves.length === 0) return [];
  const colour = [...report.axes].sort((a, b) => a.values.length - b.values.length)[0];
  const values = curves.flatMap(({ variant, seed, points }) => {
    const { settings } = report.variants[variant - 1]!;
    const group = colour ? String(settings[colour.path] ?? '-') : '';
    return points.map(({ step, loss }) => ({ step, loss, trial: `${variant} seed ${seed}`, group }));
  });
  return [
    {
      title: 'Learning curves',
      description: `Training losses of ${curves.length} trials, each mean over a hundredth of the training.`,
      spec: {
        data: { values },
        width: WIDTH,
        height: 220,
        mark: { type: 'line', opacity: 0.7, strokeWidth: 1.2 },
        encoding: {
          x: { field: 'step', type: 'quantitative', title: 'step' },
          y: { field: 'loss', type: 'quantitative', title: 'loss', scale: { type: 'log', nice: false } },
          detail: { field: 'trial' },
          ...(colour && {
            color: { field: 'group', type: 'nominal', title: colour.path, sort: colour.values.map(String) },
          }),
        },
      },
    },
  ];
};
