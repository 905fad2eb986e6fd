import type { Stage, StageGraph } from '../plan/stage.js';

/** Milliseconds after which a stage that another process was at is asked for again. */
const ASK_AGAIN = 500;

/** What a schedule goes by. */
export interface ScheduleInput {
  readonly graph: StageGraph;
  /** Keys of the stages to be computed, in the order in which the trials need them. */
  readonly needed: readonly string[];
  /** Seconds that a stage is thought to take. */
  readonly secondsOf: (stage: Stage) => number;
  /** How many stages are computed side by side. */
  readonly workers: number;
}

/**
 * Which stage comes next. One worker takes stages trial by trial, so that the first answers are early; several take the stage
 * at the head of the longest chain first (critical path: Kelley and Walker, 1959), so that none waits for it at the end.
 */
export class Schedule {
  readonly #graph: StageGraph;
  readonly #waiting: Set<string>;
  readonly #running = new Set<string>();
  readonly #deferred = new Map<string, number>();
  readonly #rank: ReadonlyMap<string, number>;

  constructor({ graph, needed, secondsOf, workers }: ScheduleInput) {
    this.#graph = graph;
    this.#waiting = new Set(needed);
    this.#rank = workers === 1 ? new Map(needed.map((key, i) => [key, -i])) : chains(graph, needed, secondsOf);
  }

  /** The stage to compute next, which is then running; null where none is ready. */
  next(now = performance.now()): Stage | null {
    let best: string | null = null;
    for (const key of this.#waiting) {
      if ((this.#deferred.get(key) ?? 0) > now || !this.#isReady(key)) continue;
      if (best === null || this.#rank.get(key)! > this.#rank.get(best)!) best = key;
    }
    if (best === null) return null;
    this.#waiting.delete(best);
    this.#running.add(best);
    return this.#graph.stages.get(best)!;
  }

  /** A running stage is at another process: it is asked for again later. */
  defer(key: string, now = performance.now()): void {
    this.#running.delete(key);
    this.#waiting.add(key);
    this.#deferred.set(key, now + ASK_AGAIN);
  }

  /** A running stage is there. */
  done(key: string): void {
    this.#running.delete(key);
  }

  /** A running stage will not be there: nothing that needs it is computed. @returns keys of all that need it */
  failed(key: string): string[] {
    this.#running.delete(key);
    const lost: string[] = [];
    for (let found = [key]; found.length > 0; ) {
      found = [...this.#waiting].filter((each) =>
        parentsOf(this.#graph, each).some((parent) => found.includes(parent)),
      );
      for (const each of found) this.#waiting.delete(each);
      lost.push(...found);
    }
    return lost;
  }

  /** Stages that are still to be computed, those at work left out. */
  get waiting(): readonly Stage[] {
    return [...this.#waiting].map((key) => this.#graph.stages.get(key)!);
  }

  #isReady(key: string): boolean {
    return parentsOf(this.#graph, key).every((parent) => !this.#waiting.has(parent) && !this.#running.has(parent));
  }
}

const parentsOf = (graph: StageGraph, key: string): string[] => Object.values(graph.stages.get(key)!.parents);

/** Seconds of the longest chain that begins with each stage. */
function chains(
  graph: StageGraph,
  needed: readonly string[],
  secondsOf: (stage: Stage) => number,
): ReadonlyMap<string, number> {
  const children = new Map<string, string[]>();
  for (const key of needed) {
    for (const parent of parentsOf(graph, key)) children.set(parent, [...(children.get(parent) ?? []), key]);
  }
  const found = new Map<string, number>();
  const longest = (key: string): number => {
    const known = found.get(key);
    if (known !== undefined) return known;
    const after = Math.max(0, ...(children.get(key) ?? []).map(longest));
    const length = secondsOf(graph.stages.get(key)!) + after;
    found.set(key, length);
    return length;
  };
  for (const key of needed) longest(key);
  return found;
}
