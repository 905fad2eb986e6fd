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
 * Which stage comes next. One worker takes stages trial by trial, so that the first answers are early. Several take first what
 * several trials need, the head of the longest chain before others (critical path: Kelley and Walker, 1959), so that none waits for
 * it at the end; then, like one, trial by trial.
 */
export class Schedule {
  readonly #graph: StageGraph;
  readonly #waiting: Set<string>;
  /** Of what is waiting: what reads nothing that is not there. */
  readonly #ready = new Set<string>();
  readonly #children: ReadonlyMap<string, readonly string[]>;
  /** Number of a stage's parents that are not there. */
  readonly #missing = new Map<string, number>();
  readonly #deferred = new Map<string, number>();
  /** Of stages that several trials need: seconds of the longest chain that begins there. Empty for one worker. */
  readonly #chains: ReadonlyMap<string, number>;
  /** Where a stage stands in the order of the trials. */
  readonly #place: ReadonlyMap<string, number>;

  constructor({ graph, needed, secondsOf, workers }: ScheduleInput) {
    this.#graph = graph;
    this.#waiting = new Set(needed);
    this.#children = childrenOf(graph, needed);
    for (const key of needed) {
      const missing = new Set(parentsOf(graph, key).filter((parent) => this.#waiting.has(parent))).size;
      this.#missing.set(key, missing);
      if (missing === 0) this.#ready.add(key);
    }
    this.#place = new Map(needed.map((key, i) => [key, i]));
    this.#chains = workers === 1 ? new Map() : sharedChains(graph, needed, this.#children, secondsOf);
  }

  /** The stage to compute next, which is then running; null where none is ready. */
  next(now = performance.now()): Stage | null {
    let best: string | null = null;
    for (const key of this.#ready) {
      if ((this.#deferred.get(key) ?? 0) > now) continue;
      if (best === null || this.#isBefore(key, best)) best = key;
    }
    if (best === null) return null;
    this.#waiting.delete(best);
    this.#ready.delete(best);
    return this.#graph.stages.get(best)!;
  }

  #isBefore(a: string, b: string): boolean {
    const [first, second] = [this.#chains.get(a) ?? 0, this.#chains.get(b) ?? 0];
    return first > second || (first === second && this.#place.get(a)! < this.#place.get(b)!);
  }

  /** A running stage is at another process: it is asked for again later. */
  defer(key: string, now = performance.now()): void {
    this.#waiting.add(key);
    this.#ready.add(key);
    this.#deferred.set(key, now + ASK_AGAIN);
  }

  /** A running stage is there. */
  done(key: string): void {
    for (const child of this.#children.get(key) ?? []) {
      const missing = this.#missing.get(child)! - 1;
      this.#missing.set(child, missing);
      if (missing === 0 && this.#waiting.has(child)) this.#ready.add(child);
    }
  }

  /** A running stage will not be there: nothing that needs it is computed. */
  failed(key: string): void {
    for (const child of this.#children.get(key) ?? []) {
      if (this.#waiting.delete(child)) this.failed(child);
    }
  }

  /** Whether anything is still to be computed, those at work left out. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }
}

const parentsOf = (graph: StageGraph, key: string): string[] => Object.values(graph.stages.get(key)!.parents);

/** The stages that read each stage, once each. */
function childrenOf(graph: StageGraph, needed: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const key of needed) {
    for (const parent of new Set(parentsOf(graph, key))) {
      const list = children.get(parent);
      if (list) list.push(key);
      else children.set(parent, [key]);
    }
  }
  return children;
}

/** Seconds of the longest chain that begins with each stage from which several ends are reached: answers of several trials. */
function sharedChains(
  graph: StageGraph,
  needed: readonly string[],
  children: ReadonlyMap<string, readonly string[]>,
  secondsOf: (stage: Stage) => number,
): ReadonlyMap<string, number> {
  /** The one end that a stage leads to, or null where it leads to several. */
  const found = new Map<string, { readonly seconds: number; readonly end: string | null }>();
  const look = (key: string): { readonly seconds: number; readonly end: string | null } => {
    const known = found.get(key);
    if (known) return known;
    const after = (children.get(key) ?? []).map(look);
    const [end = key, ...others] = new Set(after.map((each) => each.end));
    const made = {
      seconds: secondsOf(graph.stages.get(key)!) + Math.max(0, ...after.map(({ seconds }) => seconds)),
      end: others.length > 0 ? null : end,
    };
    found.set(key, made);
    return made;
  };
  return new Map(
    needed.flatMap((key): [string, number][] => {
      const { seconds, end } = look(key);
      return end === null ? [[key, seconds]] : [];
    }),
  );
}
