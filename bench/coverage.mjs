// How often are the report's intervals right? Experiments are made up whose truth is known (seeds and concepts drawn at random, one
// axis with an effect, one without), and go through the report as a run does. Told: how often 95% intervals cover the truth, of
// variants' means, of differences of levels and of pairs of variants, and in how many experiments the axis without an effect is
// called different after Holm's correction.
//   npm run build && npm run bench:coverage                    5,000 experiments a row: a minute a row
//   npm run bench:coverage -- 100                              fewer

import { defaultRecipe } from '../dist/config/scales.js';
import { random } from '../dist/random.js';
import { summarise } from '../dist/report/results.js';

const EXPERIMENTS = Number(process.argv[2] ?? 5000);
const TYPES = ['average-pool', 'attention-pool', 'c-abstractor'];
const TOKENS = [64, 144];
/** What 144 tokens score more. */
const EFFECT = 3;
const TASKS = ['emoji-question', 'world-count'];
const CONCEPTS = 60;

/**
 * Standard deviations: of seeds, of concepts, of what a seed answers on a concept, of a single answer, and of what a seed brings to all
 * variants of one type, as those do that start from the same weights.
 */
const WORLDS = [3, 5].flatMap((seeds) =>
  [
    [0, 8, 6, 8, 0],
    [0.5, 8, 6, 8, 0],
    [2, 8, 6, 8, 0],
    [2, 2, 3, 3, 0],
    [2, 2, 3, 3, 1],
    [2, 2, 3, 3, 3],
  ].map((spread) => ({ seeds, spread })),
);

const recipe = defaultRecipe('nano');
const axes = [
  { path: 'connector.type', values: TYPES },
  { path: 'connector.tokens', values: TOKENS },
];
const cells = TYPES.flatMap((type) => TOKENS.map((tokens) => ({ 'connector.type': type, 'connector.tokens': tokens })));
const truthOf = (settings) => 40 + (settings['connector.tokens'] === 144 ? EFFECT : 0);

/** A run as the database would give it. */
function experiment(name, { seeds, spread: [ofSeeds, ofConcepts, ofRest, ofAnswers, ofTypes] }) {
  const draw = random(0, name);
  const variants = cells.map((settings, index) => ({
    id: index + 1,
    runId: 'r',
    index,
    key: `v${index}`,
    settings,
    recipe,
  }));
  const trials = variants.flatMap(({ id }) =>
    Array.from({ length: seeds }, (_, seed) => ({
      id: id * 100 + seed,
      runId: 'r',
      variantId: id,
      seed,
      status: 'done',
    })),
  );
  const asked = TASKS.map((task) => {
    // One to three items a concept.
    const concepts = Array.from({ length: CONCEPTS }, (_, c) =>
      Array.from({ length: 1 + draw.below(3) }, () => c),
    ).flat();
    return { task, concepts, ease: Array.from({ length: CONCEPTS }, () => ofConcepts * draw.normal()) };
  });
  const taskItems = new Map(
    asked.map(({ task, concepts }) => [
      task,
      { items: concepts.map((_, i) => `${i}`), concepts: concepts.map(String) },
    ]),
  );
  const shared = Array.from({ length: seeds }, () => (ofSeeds / 2) * draw.normal());
  const byType = new Map(TYPES.map((type) => [type, shared.map(() => (ofTypes === 0 ? 0 : ofTypes * draw.normal()))]));
  const scores = trials.flatMap(({ id, variantId, seed }) => {
    const { settings } = variants[variantId - 1];
    // Half of a seed's luck is the seed's in all variants (its data), half the trial's own.
    const own = Math.sqrt(0.75) * ofSeeds * draw.normal();
    const good = truthOf(settings) + shared[seed] + byType.get(settings['connector.type'])[seed] + own;
    return asked.map(({ task, concepts, ease }) => {
      const known = Array.from({ length: CONCEPTS }, () => ofRest * draw.normal());
      const itemValues = Float64Array.from(concepts, (c) => good + ease[c] + known[c] + ofAnswers * draw.normal());
      const value = itemValues.reduce((a, b) => a + b, 0) / itemValues.length;
      const common = {
        shots: 0,
        demonstrationSeed: 0,
        metric: 'VQA accuracy',
        lowerIsBetter: false,
        condition: 'asked',
      };
      return {
        trialId: id,
        task,
        group: 'vqa',
        ...common,
        value,
        items: concepts.length,
        chance: 0,
        demonstrations: [],
        itemValues,
      };
    });
  });
  const run = {
    ...{ id: 'r', name, question: null, status: 'done', scale: 'nano', planHash: '', gridPath: '', gridText: '', axes },
    ...{ design: { kind: 'full' }, exclusions: [], plannedSeconds: null, seeds: [...Array(seeds).keys()] },
    evaluation: {
      tasks: TASKS.map((task) => ({ name: task })),
      shots: [0],
      demonstration_seeds: 1,
      items: 100,
      prompts: {},
    },
    provenance: { engine: { name: 'none', version: '0', device: 'none' } },
    ...{ startedAt: '2026-01-01T00:00:00Z', finishedAt: null },
  };
  return { run, variants, trials, scores, taskItems, stages: [], trialStages: new Map() };
}

const covers = ({ low, high }, truth) => low <= truth && truth <= high;
const percent = (hits, of) => `${((100 * hits) / of).toFixed(1)}%`.padStart(7);

console.log(
  `${EXPERIMENTS} experiments a row, ${cells.length} variants, ${TASKS.length} tasks of ${CONCEPTS} concepts each; one seed of the generator`,
);
console.log(
  'seeds  spread of seeds, concepts, rest, answers, types   means  levels   pairs  false calls (Holm)  width',
);
let worst = [1, 0, 0];
for (const world of WORLDS) {
  const hits = { means: [0, 0], levels: [0, 0], pairs: [0, 0] };
  let falseCalls = 0;
  let width = 0;
  const count = (kind, hit) => {
    hits[kind][0] += hit ? 1 : 0;
    hits[kind][1] += 1;
  };
  for (let i = 0; i < EXPERIMENTS; i++) {
    const { means } = summarise(experiment(`${i} ${JSON.stringify(world)}`, world));
    const { variants, effects, pairs } = means.find(({ mean }) => mean === 'mm1');
    for (const score of variants) {
      count('means', covers(score, truthOf(cells[score.variant - 1])));
      width += (score.high - score.low) / variants.length / EXPERIMENTS;
    }
    const truth = { 'connector.type': () => 0, 'connector.tokens': ([better]) => (better === 144 ? EFFECT : -EFFECT) };
    for (const { axis, pairs: levels } of effects)
      for (const pair of levels) count('levels', covers(pair, truth[axis](pair.levels)));
    for (const pair of pairs) {
      const [a, b] = pair.variants.map((variant) => truthOf(cells[variant - 1]));
      count('pairs', covers(pair, a - b));
    }
    if (effects[0].pairs.some(({ holm }) => holm < 0.05)) falseCalls++;
  }
  const shares = ['means', 'levels', 'pairs'].map((kind) => hits[kind][0] / hits[kind][1]);
  worst = [Math.min(worst[0], ...shares), Math.max(worst[1], ...shares), Math.max(worst[2], falseCalls / EXPERIMENTS)];
  console.log(
    `${String(world.seeds).padStart(5)}  ${world.spread.join(', ').padEnd(48)}${['means', 'levels', 'pairs'].map((kind) => percent(...hits[kind])).join(' ')}  ${percent(falseCalls, EXPERIMENTS).padStart(18)}  ${width.toFixed(1).padStart(5)}`,
  );
}
console.log(
  `coverage ${percent(worst[0], 1).trim()} to ${percent(worst[1], 1).trim()} (promise: 93% to 98%), false calls at most ${percent(worst[2], 1).trim()} (promise: 5%)`,
);
