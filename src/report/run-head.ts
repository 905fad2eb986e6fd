import { shotsOf } from '../config/plan.js';
import { duration } from '../units.js';
import { clean } from './clean.js';
import type { Report, ReportedRun } from './report.js';

/** What a report opens with: the run, where its numbers come from, and how they are to be read. */
export function runHead(report: Report): readonly (readonly [label: string, text: string])[] {
  const { run } = report;
  const lines: [string, string][] = [
    ['run', `${run.id} (${run.status})`],
    ...(run.question === null ? [] : [['question', clean(run.question)] as [string, string]]),
    ['scale', run.scale],
    ['engine', engineNote(run)],
    ['data', run.data],
    ['seeds', run.seeds.join(', ')],
    ['shots', shots(run)],
    ...designLines(run),
    ['trials', trialCounts(run)],
    ['time', timeNote(run)],
    ['started', moment(run.startedAt)],
    ['ended', run.finishedAt === null ? 'not yet' : moment(run.finishedAt)],
    ['intervals', intervalNote(report)],
    [
      'controls',
      'chance; blind: without the picture, of text alone without the question; shuffled: with another ' +
        "item's; beats: clear of chance, and of every control item by item, by the 95% interval",
    ],
  ];
  return lines;
}

/** Engine and device; and where it rounds what trainings multiply, that. */
function engineNote({ engine }: ReportedRun): string {
  const rounded = engine.products === 'tf32' ? '; matrix products of float32 in TF32 (factors of 10 bits)' : '';
  return `${engine.name} ${engine.version} on ${engine.device}${rounded}`;
}

/** How the variants were chosen, where they are not every combination of the axes. */
function designLines({ design, exclusions }: ReportedRun): [string, string][] {
  const { kind, resolution, confounded = [] } = design;
  const mixed = confounded.map((effects) => effects.map((axes) => clean(axes.join(' x '))).join(' = ')).join('; ');
  const told =
    kind === 'fraction'
      ? `fraction of resolution ${resolution}${mixed ? `; cannot be told apart: ${mixed}` : ''}`
      : kind;
  const left = exclusions.map(({ where, reason, cells }): [string, string] => {
    const what = Object.entries(where).map(([path, values]) => `${path} ${values.join(' or ')}`);
    return ['excluded', clean(`${cells} variants with ${what.join(', ')}: ${reason}`)];
  });
  return [...(kind === 'full' ? [] : [['design', told] as [string, string]]), ...left];
}

function timeNote({ stageSeconds: { planned, computed } }: ReportedRun): string {
  return `${planned === null ? '' : `planned ${duration(planned)}, `}stages that were computed took ${duration(computed)}`;
}

function shots({ evaluation }: ReportedRun): string {
  const seeds = evaluation.demonstration_seeds;
  const own = new Map<string, string[]>();
  for (const { name, shots: numbers } of evaluation.tasks) {
    if (numbers) own.set(numbers.join(', '), [...(own.get(numbers.join(', ')) ?? []), name]);
  }
  const counts = [
    evaluation.shots.join(', '),
    ...Array.from(own, ([numbers, names]) => `${numbers} of ${names.join(', ')}`),
  ].join('; ');
  if (!evaluation.tasks.some((task) => shotsOf(task, evaluation).some((count) => count > 0))) return counts;
  const draws = seeds > 1 ? `values are means over ${seeds} draws of demonstrations` : 'demonstrations are one draw';
  return `${counts}; ${draws}, the same for all variants, whose own luck is in no interval`;
}

function trialCounts({ trials }: ReportedRun): string {
  const others = (['failed', 'running', 'pending'] as const).filter((status) => trials[status] > 0);
  const counts = [`${trials.done} of ${trials.planned} done`, ...others.map((status) => `${trials[status]} ${status}`)];
  const partial =
    trials.done > 0 && trials.done < trials.planned ? '; effects are over what all levels have finished' : '';
  return counts.join(', ') + partial;
}

function intervalNote({ run, tasks }: Report): string {
  const { seeds } = run;
  const shared = sharedNote(run);
  if (seeds.length === 1) {
    return `95%, over items alone, for there is one seed: they do not say how much training varies; n counts seeds${shared}`;
  }
  const lone = tasks.some(({ variants }) => variants.some(({ interval }) => interval === 'items'));
  return `95%, over seeds, whose spread is pooled over variants (levels of an axis have their own, where it is larger), and items, those about one concept together; n counts seeds${lone ? '; * over items alone, for one seed is done' : ''}${shared}`;
}

function sharedNote({ sharedTrainings: shared }: ReportedRun): string {
  return shared.length === 0 ? '' : `; each ${shared.join(' and ')} is one training, whose own luck is in none of them`;
}

/** `2026-11-22T18:15:30.000Z` to the minute. */
function moment(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
