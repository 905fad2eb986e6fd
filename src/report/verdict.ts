import { counted } from '../units.js';
import type { Effect, LevelPair } from './effects.js';
import { figure, interval } from './figure.js';
import { decidingMean } from './means.js';
import type { Report, ReportedMean, ReportedTask } from './report.js';
import { settingsText } from './settings.js';
import { seedsNeeded } from './statistics/comparison.js';

/** What is called different: at most this risk of one false call among all pairs of levels of a measure. */
const ALPHA = 0.05;

/**
 * What a person can act on, in three to six sentences: what the controls say, which axes matter, which do not or are not decided
 * and what would decide them, what to choose, and what is missing. By MM1's mean at the fewest shots, or what stands in its place.
 * @param margin points below which a difference does not matter
 */
export function verdictOf(report: Omit<Report, 'verdict'>, margin: number): string[] {
  const lead = leading(report);
  if (!lead) return ['Nothing can be said yet: no trial has finished.'];
  return [
    controls(report, lead),
    ...matters(lead),
    ...undecided(report, lead, margin),
    ...otherwise(report, lead),
    ...choice(report, lead),
    ...missing(report),
  ];
}

type Lead = ReportedMean | ReportedTask;

/** The measure that decides. */
export function leading({ means, tasks }: Pick<Report, 'means' | 'tasks'>): Lead | undefined {
  return decidingMean(means) ?? tasks.find(({ variants }) => variants.length > 0);
}

function nameOf(lead: Lead): string {
  if ('task' in lead) return `${lead.task} at ${lead.shots} shots`;
  const [only] = lead.averaged;
  if (lead.averaged.length === 1) return `${only!.task} at ${lead.shots} shots`;
  return `the mean over ${lead.averaged.length} tasks at ${lead.shots} shots`;
}

function controls({ run }: Omit<Report, 'verdict'>, lead: Lead): string {
  const { variants } = lead;
  const beating = variants.filter(({ beats }) => beats === true).length;
  const scale = `At scale ${run.scale}, by ${nameOf(lead)} with ${counted(run.seeds.length, 'seed')}`;
  const known = 'what chance and their own answers without or with another picture score';
  if (beating === 0) return `${scale}, no variant lies clear of ${known}: nothing below is evidence about seeing.`;
  const how = beating === variants.length ? counted(beating, 'variant') : `${beating} of ${variants.length} variants`;
  return `${scale}, ${how} ${beating === 1 ? 'lies' : 'lie'} clear of ${known}.`;
}

/** Axes of which two levels are told apart, the one that matters most first. */
function matters({ effects, anova }: Lead): string[] {
  const decided = bySpan(effects).filter(({ pairs }) => pairs.some(({ holm }) => holm < ALPHA));
  const told = decided.map(({ axis, pairs, levels }) => {
    const widest = pairs.find(({ holm }) => holm < ALPHA)!;
    const close = pairs.filter((pair) => pair.levels[0] === widest.levels[0] && pair.holm >= ALPHA);
    const others =
      close.length === 0 || levels.length < 3
        ? ''
        : `, and is not told apart from ${close.map(({ levels: [, other] }) => other).join(' and ')}`;
    return `${axis} (${widest.levels[0]} scores ${difference(widest)} more than ${widest.levels[1]}${others})`;
  });
  const lone = decided.some(({ pairs }) => pairs.some(({ spread }) => spread.kind === 'items'));
  const interactions = (anova?.rows ?? []).filter(({ axes, p }) => axes.length > 1 && p !== null && p < ALPHA);
  const joint = interactions.map(({ axes }) => axes.join(' with '));
  return [
    ...(told.length > 0 ? [`What matters${lone ? ONE_SEED : ''}: ${told.join('; ')}.`] : []),
    ...(joint.length > 0
      ? [`Read these together, for the effect of one depends on the other: ${joint.join('; ')}.`]
      : []),
  ];
}

/** What is decided by items alone holds of the models that were trained, and perhaps of no others. */
const ONE_SEED = ' in the trainings of this one seed, which does not say how much others differ';

/**
 * Levels that are told apart with the most demonstrations, and are not with those that decide: whoever asks with demonstrations
 * reads another answer. Nothing where no variant beats its controls there.
 */
function otherwise({ means, tasks }: Omit<Report, 'verdict'>, lead: Lead): string[] {
  const alike: readonly Lead[] =
    'task' in lead ? tasks.filter(({ task }) => task === lead.task) : means.filter(({ mean }) => mean === lead.mean);
  const most = alike.reduce((a, b) => (b.shots > a.shots ? b : a), lead);
  if (most.shots === lead.shots || !most.beaten) return [];
  const isDecided = ({ axis }: Effect, [better, worse]: LevelPair['levels']) =>
    lead.effects
      .find((effect) => effect.axis === axis)
      ?.pairs.some(({ levels, holm }) => levels[0] === better && levels[1] === worse && holm < ALPHA);
  const told = bySpan(most.effects).flatMap((effect) => {
    const pair = effect.pairs.find(({ levels, holm }) => holm < ALPHA && !isDecided(effect, levels));
    return pair ? [`${effect.axis} (${pair.levels[0]} scores ${difference(pair)} more than ${pair.levels[1]})`] : [];
  });
  if (told.length === 0) return [];
  return [`At ${most.shots} shots, unlike at ${lead.shots}: ${told.join('; ')}.`];
}

/** Axes of which no two levels are told apart: equal within the margin, or not decided, and what would decide. */
function undecided({ run }: Omit<Report, 'verdict'>, { effects }: Lead, margin: number): string[] {
  const open = bySpan(effects).filter(({ pairs }) => pairs.length > 0 && pairs.every(({ holm }) => holm >= ALPHA));
  const [equal, unclear] = [
    open.filter(({ pairs }) => pairs.every(({ equalWithin }) => equalWithin <= margin)),
    open.filter(({ pairs }) => pairs.some(({ equalWithin }) => equalWithin > margin)),
  ];
  const bounds = ({ axis, pairs }: Effect) =>
    `${axis} (all levels within ${figure(Math.max(...pairs.map(({ equalWithin }) => equalWithin)))})`;
  const best = ({ axis, pairs }: Effect) => {
    const [first] = pairs;
    return `${axis} (${first!.levels[0]} leads ${first!.levels[1]} by ${difference(first!)})`;
  };
  return [
    ...(equal.length > 0
      ? [`What does not matter by more than ${figure(margin)} points: ${equal.map(bounds).join('; ')}.`]
      : []),
    ...(unclear.length > 0
      ? [`Not decided: ${unclear.map(best).join('; ')}. ${deciding(unclear, run.seeds.length, margin)}`]
      : []),
  ];
}

/** What it would take to find a difference of the margin. */
function deciding(effects: readonly Effect[], seeds: number, margin: number): string {
  const wanted = effects.flatMap(({ pairs }) =>
    pairs.map((pair) => seedsNeeded(pair, pair.spread.kind === 'items' ? 1 : seeds, margin)),
  );
  if (wanted.includes(null)) return 'One seed does not say how much training varies: run three or more.';
  const most = Math.max(...wanted.map((count) => count!));
  if (most === Number.POSITIVE_INFINITY) {
    return `More seeds alone will not find a difference of ${figure(margin)} points: ask more items too.`;
  }
  return `About ${counted(most, 'seed')} in all would find a difference of ${figure(margin)} points four times in five.`;
}

/** The variant that scores best, and the cheapest that is not shown to score less. */
function choice({ variants, costs }: Omit<Report, 'verdict'>, { variants: ranked, pairs }: Lead): string[] {
  const [best] = ranked;
  if (!best || ranked.length < 2) return [];
  const text = (number: number) => `#${number} (${settingsText(variants[number - 1]!.settings)})`;
  const near = pairs.filter(({ variants: [first], holm }) => first === best.variant && holm >= ALPHA);
  const alike = near.map(({ variants: [, other] }) => other);
  const costOf = (number: number) => costs.find(({ variant }) => variant === number)?.flops ?? null;
  const own = costOf(best.variant);
  const cheapest = alike
    .flatMap((number) => {
      const cost = costOf(number);
      return cost === null || own === null || cost >= own ? [] : [{ number, share: cost / own }];
    })
    .sort((a, b) => a.share - b.share)[0];
  const first = `Best is ${text(best.variant)} with ${figure(best.mean)} ${interval(best)}`;
  if (pairs.length === 0) return [`${first}.`];
  if (alike.length === 0) return [`${first}, told apart from all others.`];
  const cheap = cheapest
    ? `; the cheapest of them is ${text(cheapest.number)} at ${Math.round(100 * cheapest.share)}% of its operations`
    : '';
  return [`${first}, not told apart from ${counted(alike.length, 'other variant')}${cheap}.`];
}

function missing({ run: { trials } }: Omit<Report, 'verdict'>): string[] {
  const open = trials.planned - trials.done - trials.failed;
  const parts = [
    ...(trials.failed > 0 ? [`${counted(trials.failed, 'trial')} failed`] : []),
    ...(open > 0 ? [`${counted(open, 'trial')} ${open === 1 ? 'is' : 'are'} not done`] : []),
  ];
  return parts.length === 0 ? [] : [`All of this is without what is missing: ${parts.join(', ')}.`];
}

const bySpan = (effects: readonly Effect[]): Effect[] => [...effects].sort((a, b) => (b.span ?? -1) - (a.span ?? -1));

const difference = (pair: LevelPair): string => `${figure(pair.difference)} ${interval(pair)}`;
