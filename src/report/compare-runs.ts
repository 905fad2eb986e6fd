import { meanMeasures } from './means.js';
import {
  groupedBy,
  inCommon,
  type Measure,
  measures,
  type Observation,
  type RunRecord,
  sampleOf,
} from './observations.js';
import { settingsText } from './settings.js';
import { type Comparison, compare, compareIndependent } from './statistics/comparison.js';
import { mean } from './statistics/descriptive.js';

/** A variant that two runs have, in one measure. */
export interface RunDifference {
  readonly settings: string;
  readonly measure: string;
  readonly shots: number;
  /** Ids of the runs. */
  readonly runs: readonly [string, string];
  readonly means: readonly [number, number];
  /** Seeds of each. */
  readonly seeds: readonly [number, number];
  /** What the second run scores more; null where nothing is known of the spread. */
  readonly comparison: Comparison | null;
  /** `identical`: every seed that both have answered every item alike. */
  readonly verdict: 'identical' | 'the same within noise' | 'different' | 'not known';
}

/** What two runs have in common, and what is one's alone. */
export interface RunComparison {
  readonly differences: readonly RunDifference[];
  /** Settings of variants that only one run has, by the run's id. */
  readonly alone: Readonly<Record<string, readonly string[]>>;
}

interface Named extends Measure {
  readonly name: string;
  readonly shots: number;
}

/**
 * Compares runs, each with the first: is the same variant the same in both, within noise? Variants are the same where their recipes
 * are. Paired by seed where both runs have the same seeds, else as independent trainings; by item where both asked the same items.
 */
export function compareRuns([first, ...others]: readonly RunRecord[]): RunComparison {
  if (!first) return { differences: [], alone: {} };
  const alone: Record<string, string[]> = {};
  const differences = others.flatMap((other) => {
    const shared = first.variants.filter(({ key }) => other.variants.some((each) => each.key === key));
    const keys = new Set(shared.map(({ key }) => key));
    for (const record of [first, other]) {
      const own = record.variants.filter(({ key }) => !keys.has(key)).map(({ settings }) => settingsText(settings));
      if (own.length > 0) alone[record.run.id] = own;
    }
    const theirs = new Map(measured(other).map((measure) => [nameOf(measure), measure]));
    return measured(first).flatMap((measure) => {
      const match = theirs.get(nameOf(measure));
      if (!match) return [];
      const sides = [measure, match].map(({ observed }) => groupedBy(observed.asked, ({ variant }) => variant.key));
      return shared.flatMap(({ key, settings }): RunDifference[] => {
        const [a, b] = sides.map((side) => side.get(key)) as [Observation[]?, Observation[]?];
        if (!a || !b) return [];
        return [
          {
            settings: settingsText(settings),
            ...{ measure: measure.name, shots: measure.shots, runs: [first.run.id, other.run.id] },
            means: [meanOfValues(a), meanOfValues(b)],
            seeds: [a.length, b.length],
            ...judged(b, a, sameItems(measure, match) ? measure : { concepts: [] }),
          },
        ];
      });
    });
  });
  return { differences, alone };
}

/** Every task, and every mean over more than one. */
function measured(record: RunRecord): Named[] {
  const tasks = measures(record);
  const means = meanMeasures(tasks).filter(({ averaged }) => averaged.length > 1);
  return [
    ...tasks.map((task) => ({ ...task, name: `${task.task} (${task.metric})` })),
    ...means.map((each) => ({ ...each, name: `mean of ${each.averaged.map(({ task }) => task).join(', ')}` })),
  ];
}

const nameOf = ({ name, shots }: Named): string => JSON.stringify([name, shots]);

const meanOfValues = (observations: readonly Observation[]): number => mean(observations.map(({ value }) => value));

/** Whether the concepts of two runs' items are the same in number and order: items are drawn by a fixed seed. */
function sameItems(a: Measure, b: Measure): boolean {
  return a.concepts.every(({ of }, t) => {
    const other = b.concepts[t]?.of;
    return other !== undefined && other.length === of.length && of.every((concept, i) => other[i] === concept);
  });
}

function judged(
  later: readonly Observation[],
  earlier: readonly Observation[],
  measure: Pick<Measure, 'concepts'>,
): Pick<RunDifference, 'comparison' | 'verdict'> {
  const [a, b] = inCommon(later, earlier);
  const paired = a.length === later.length && b.length === earlier.length;
  const comparison = paired
    ? compare(sampleOf(a, measure), sampleOf(b, measure))
    : compareIndependent(sampleOf(later, measure), sampleOf(earlier, measure));
  if (a.length > 0 && a.every((own, s) => alike(own, b[s]!))) return { comparison, verdict: 'identical' };
  if (comparison === null) return { comparison, verdict: 'not known' };
  return { comparison, verdict: comparison.p < 0.05 ? 'different' : 'the same within noise' };
}

function alike(a: Observation, b: Observation): boolean {
  return (
    a.value === b.value &&
    a.answers.every(
      (values, t) => values.length === b.answers[t]!.length && values.every((v, i) => v === b.answers[t]![i]),
    )
  );
}
