import type { Plan } from '../config/plan.js';
import type { Estimate, PlannedStage } from '../plan/estimate.js';
import { STAGE_KINDS } from '../plan/stage.js';
import { bytesText, counted, duration } from '../units.js';
import { clean } from './clean.js';
import { columnTable, labelledLines } from './layout.js';

const WIDTH = 99;
/** Variants that the table shows. */
const MOST_SHOWN = 40;

/** What `mm1 plan` prints: what will be run, what is shared and there already, and what it will take. */
export function renderPlan(plan: Plan, planned: Estimate, workers: number, heading: (text: string) => string): string {
  const trials = plan.variants.length * plan.seeds.length;
  const guessed = planned.stages.some(({ basis, cached }) => basis === 'guess' && !cached);
  const alike = planned.stages.some(({ basis, cached }) => basis === 'alike' && !cached);
  const lines: [string, string][] = [
    ['grid', clean(plan.name)],
    ...(plan.question === null ? [] : [['question', clean(plan.question)] as [string, string]]),
    ['scale', plan.scale],
    ['design', designText(plan)],
    ['trials', `${counted(plan.variants.length, 'variant')} x ${counted(plan.seeds.length, 'seed')} = ${trials}`],
    ...plan.exclusions.map(({ where, reason, cells }): [string, string] => [
      'excluded',
      `${cells} variants with ${Object.entries(where)
        .map(([path, values]) => `${path} ${values.join(' or ')}`)
        .join(', ')}: ${clean(reason)}`,
    ]),
    [
      'time',
      `about ${duration(planned.seconds)} with ${workers} ${workers === 1 ? 'worker' : 'workers'}${basisText(guessed, alike)}`,
    ],
    ['compute', `${flopsText(planned.flops)}, to be written ${bytesText(planned.disk)}`],
    ...gpuHours(planned.flops),
  ];
  return [
    labelledLines(lines, WIDTH),
    `${heading('STAGES')}\n${stageTable(planned.stages)}`,
    `${heading('VARIANTS')}\n${variantTable(plan, planned)}`,
  ]
    .join('\n\n')
    .concat('\n');
}

/** An H100's dense bfloat16 products, in operations a second (NVIDIA's data sheet), and the share of them that trainings are taken to reach. */
const GPU = { name: 'H100', flops: 989e12, share: 0.4 };
const HOUR = 3600;

/** Hours of one GPU, where it is more than one: nothing here has been measured on it. */
function gpuHours(flops: number): [string, string][] {
  const hours = flops / (GPU.flops * GPU.share) / HOUR;
  if (hours < 1) return [];
  const told = Number(hours.toPrecision(2)).toLocaleString('en');
  const peak = `${100 * GPU.share}% of its ${GPU.flops / 1e12} TFLOP/s in bfloat16`;
  return [['GPU', `about ${told} hours of one ${GPU.name} at ${peak}: an assumption, which nobody measured here`]];
}

function designText({ design, axes }: Plan): string {
  if (design.kind === 'full') return axes.length > 0 ? 'full: every combination of the axes' : 'one variant';
  if (design.kind === 'one-at-a-time') return 'one-at-a-time: the base, and each axis by itself';
  const pairs = design.confounded ?? [];
  const told = pairs.map((effects) => effects.map((axesOf) => axesOf.join(' x ')).join(' = ')).join('; ');
  return `fraction of resolution ${design.resolution}${told ? `; cannot be told apart: ${told}` : '; no effects of one or two axes are mixed'}`;
}

function basisText(guessed: boolean, alike: boolean): string {
  if (guessed) return '; a guess in part (?): no such stage has been run in this folder yet';
  return alike ? '; in part by stages of other kinds of models (~)' : ', by what such stages took here';
}

function stageTable(stages: readonly PlannedStage[]): string {
  const rows = STAGE_KINDS.flatMap((kind) => {
    const own = stages.filter((stage) => stage.kind === kind);
    if (own.length === 0) return [];
    const ahead = own.filter(({ cached }) => !cached);
    const mark = ahead.some(({ basis }) => basis === 'guess')
      ? '? '
      : ahead.some(({ basis }) => basis === 'alike')
        ? '~ '
        : '';
    const uses = own.reduce((sum, { trials }) => sum + trials, 0);
    const seconds = ahead.reduce((sum, stage) => sum + stage.seconds, 0);
    return [
      [
        kind,
        String(own.length),
        String(uses),
        String(own.length - ahead.length),
        flopsText(ahead.reduce((sum, { work }) => sum + work.flops, 0)),
        ahead.length > 0 ? `${mark}${duration(seconds)}` : '-',
        bytesText(ahead.reduce((sum, { work }) => sum + work.disk, 0)),
      ],
    ];
  });
  const right = { align: 'right' } as const;
  const columns = [
    { title: 'stage' },
    ...['stages', 'uses', 'cached', 'FLOPs', 'time', 'disk'].map((title) => ({ title, ...right })),
  ];
  return columnTable(columns, rows);
}

function variantTable({ axes, variants }: Plan, planned: Estimate): string {
  const rows = variants.slice(0, MOST_SHOWN).map(({ index, settings }, i) => {
    const { parameters, learning, memory } = planned.variants[i]!;
    const all = parameters.encoder + parameters.connector + parameters.language_model;
    return [
      String(index + 1),
      ...axes.map(({ path }) => clean(String(settings[path] ?? '-'))),
      count(all),
      count(learning),
      bytesText(memory),
    ];
  });
  const right = { align: 'right' } as const;
  const columns = [
    { title: '#' },
    ...axes.map(({ path }) => ({ title: clean(path).replace('.', '\n') })),
    ...['parameters', 'learning', 'memory'].map((title) => ({ title, ...right })),
  ];
  const more = variants.length > MOST_SHOWN ? `\n... and ${variants.length - MOST_SHOWN} more` : '';
  return columnTable(columns, rows) + more;
}

/** Counts as a person reads them: "85.2M", "2.90B". */
function count(parameters: number): string {
  if (parameters < 1e6) return `${(parameters / 1e3).toFixed(0)}k`;
  return parameters < 1e9 ? `${(parameters / 1e6).toFixed(1)}M` : `${(parameters / 1e9).toFixed(2)}B`;
}

function flopsText(flops: number): string {
  if (flops === 0) return '-';
  const power = Math.floor(Math.log10(flops) / 3) * 3;
  const units: Readonly<Record<number, string>> = {
    9: 'GFLOP',
    12: 'TFLOP',
    15: 'PFLOP',
    18: 'EFLOP',
    21: 'ZFLOP',
    24: 'YFLOP',
  };
  return units[power] ? `${(flops / 10 ** power).toPrecision(3)} ${units[power]}` : `${flops.toExponential(2)} FLOP`;
}
