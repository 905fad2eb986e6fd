import { duration } from '../units.js';
import { paretoFront } from './costs.js';
import { figure, interval, operations, probability } from './figure.js';
import { type Column, wrap } from './layout.js';
import type { Report } from './report.js';
import type { Section } from './section.js';
import { settingsText } from './settings.js';
import { leading } from './verdict.js';

/** Characters of a claim's line. */
const CLAIM = 36;

const right = (title: string): Column => ({ title, align: 'right' });

/** What the measure that decides comes to: the axes' shares of variance, what variants cost, and MM1's own numbers. */
export function leadSections(report: Report): Section[] {
  return [...varianceTable(report), ...costTable(report), ...levelCostTable(report), ...publishedTables(report)];
}

function varianceTable(report: Report): Section[] {
  const table = leading(report)?.anova;
  if (!table) return [];
  const rows = table.rows.map(({ axes, degrees, omega, f, p }) => [
    axes.join(' x '),
    String(degrees),
    omega === null ? '-' : `${figure(100 * Math.max(0, omega))}%`,
    f === null ? '-' : figure(f),
    p === null ? '-' : probability(p),
  ]);
  const columns = [{ title: 'source' }, right('df'), right('share of variance'), right('F'), right('p')];
  const residual = ['residual', String(table.residual.degrees), '', '', ''];
  return [
    {
      title: 'WHERE THE VARIANCE IS',
      tables: [{ columns, rows: [...rows, residual] }],
      after: [
        `Trials' values by axes, each against all that do not contain it; the share is omega squared. ${table.note}`,
      ],
    },
  ];
}

function costTable(report: Report): Section[] {
  const lead = leading(report);
  const { costs, variants } = report;
  if (!lead || costs.length < 2) return [];
  const priced = costs.flatMap(({ variant, flops }) => {
    const score = lead.variants.find((each) => each.variant === variant)?.mean;
    return flops === null || score === undefined ? [] : [{ variant, score, cost: flops }];
  });
  const front = paretoFront(priced, lead.lowerIsBetter);
  if (front.length === 0) return [];
  const rows = front.map(({ variant, score, cost }) => [
    String(variant),
    settingsText(variants[variant - 1]!.settings).replaceAll(', ', '\n'),
    operations(cost),
    duration(costs.find((each) => each.variant === variant)!.seconds),
    figure(score),
  ]);
  const columns = [right('#'), { title: 'settings' }, right('operations'), right('time'), right('mean')];
  const note =
    'Variants that no other one beats at the same cost or less, cheapest first; a variant pays for every stage that it needs, ' +
    'shared or not.';
  return [{ title: 'SCORE AGAINST COST', tables: [{ columns, rows }], after: [note] }];
}

function levelCostTable({ levelCosts }: Report): Section[] {
  if (levelCosts.length === 0) return [];
  const table = (perTeraflop: boolean) => ({
    columns: [
      { title: 'axis, level' },
      right('operations'),
      right('time'),
      right('gain'),
      ...(perTeraflop ? [right('per TFLOP')] : []),
      right('per minute'),
    ],
    rows: levelCosts.map(({ axis, level, against, flops, share, seconds, gain, ...per }) => [
      `${axis}\n  ${level}\n  against ${against}`,
      `${sign(flops)}${operations(Math.abs(flops))}\n${sign(share)}${figure(100 * Math.abs(share))}%`,
      sign(seconds) + duration(Math.abs(seconds)),
      both(gain),
      ...(perTeraflop ? [both(per.gainPerTeraflop)] : []),
      both(per.gainPerMinute),
    ]),
  });
  const note =
    "What a level costs and scores more than its axis's cheapest, a trial, on average over the other axes, with 95% intervals; a level " +
    'that costs no hundredth more has no gain by cost.';
  return [{ title: 'WHAT MORE COST GAINS', tables: [table(true)], narrow: table(false), after: [note] }];
}

const sign = (value: number): string => (value < 0 ? '-' : '+');

/** A difference above its interval: side by side they are too wide for a terminal. */
function both(found: { readonly difference: number; readonly low: number; readonly high: number } | null): string {
  if (!found) return '-';
  const places = Math.min(
    4,
    Math.max(1, 1 - Math.floor(Math.log10(Math.max(Math.abs(found.difference), found.high - found.low, 1e-3)))),
  );
  return `${figure(found.difference, places)}\n${interval(found, places)}`;
}

function publishedTables({ published, margin }: Report): Section[] {
  const { name, source, rows, order, claims } = published;
  const scores = rows.flatMap((row) =>
    row.scores.map(({ shots, published: theirs, ours }) => [
      row.variants.length > 3 ? `${row.variants.length} variants` : row.variants.join(', '),
      settingsText(row.settings).replaceAll(', ', '\n') + (row.mark === 'recalled' ? ' (not verified)' : ''),
      String(shots),
      figure(theirs),
      figure(ours),
    ]),
  );
  const columns = [{ title: '#' }, { title: 'settings' }, right('shots'), right(name), right('here')];
  const agreed = claims.map(({ claim, shots, verdict, ...found }) => [
    wrap(claim, CLAIM).join('\n'),
    String(shots),
    `${figure(found.difference)} ${interval(found)}`,
    verdict,
  ]);
  const claimColumns = [{ title: 'claim' }, right('shots'), right('here'), { title: '' }];
  const orders = order.map(
    ({ shots, spearman }) =>
      `Order at ${shots} shots: Spearman's rho ${spearman!.coefficient.toFixed(2)} over ${spearman!.n} rows (p ${probability(spearman!.p)}).`,
  );
  if (scores.length === 0 && agreed.length === 0) return [];
  const reading = `Other models, tasks and data: only order and direction can be compared. Equal means within ${figure(margin)} points.`;
  return [
    {
      title: `BESIDE ${name}, ${source}`,
      tables: [
        ...(agreed.length > 0 ? [{ columns: claimColumns, rows: agreed }] : []),
        ...(scores.length > 0 ? [{ columns, rows: scores }] : []),
      ],
      after: [...orders, reading],
    },
  ];
}
