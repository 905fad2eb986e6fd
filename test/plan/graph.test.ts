import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { stageGraph } from '../../src/plan/graph.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

function graph(text: string) {
  const file = join(folder, 'grid.yaml');
  writeFileSync(file, `seeds: [0]\n${text}`);
  return stageGraph(loadGrid(file), 'wasm');
}

const kinds = (text: string) =>
  graph(text).trials.map(({ keys }) => keys.map((key) => graph(text).stages.get(key)!.kind));

const FROZEN = ['images', 'encoder', 'features', 'language-model', 'pretrain', 'evaluate'];
const LEARNING = ['images', 'encoder', 'language-model', 'pretrain', 'evaluate'];

describe('stages of a trial', () => {
  it('a frozen encoder looks at every picture once; one that learns does so in its own training', () => {
    expect(kinds('axes: {training.freeze: [[encoder], [], [language_model]]}')).toEqual([FROZEN, LEARNING, LEARNING]);
  });

  it('an encoder that learns starts from the one that the frozen variants share', () => {
    const { stages, trials } = graph('axes: {training.freeze: [[encoder], []]}');
    const [frozen, learning] = trials.map(({ keys }) => keys.find((key) => stages.get(key)!.kind === 'encoder'));
    expect(frozen).toBe(learning);
    const pretrain = [...stages.values()].filter(({ kind }) => kind === 'pretrain');
    expect(pretrain.map(({ parents }) => Object.keys(parents).sort())).toEqual([
      ['features', 'language-model'],
      ['encoder', 'images', 'language-model'],
    ]);
  });

  it.each([
    ['encoder.model: [vit-l, aim-1b]', 'encoder', 2],
    ['encoder.contrast: [images, regions]', 'encoder', 2],
    ['connector.type: [mlp, linear]', 'encoder', 1],
    ['connector.type: [mlp, linear]', 'pretrain', 2],
    ['language_model.type: [dense, moe]', 'language-model', 2],
    ['language_model.type: [dense, moe]', 'features', 1],
    ['training.learning_rate: [paper, 0.001]', 'language-model', 1],
    ['training.accumulate: [1, 2]', 'pretrain', 2],
  ])('along %s there are as many %s stages as differ: %i', (axis, kind, count) => {
    const found = [...graph(`axes: {${axis}}`).stages.values()].filter((stage) => stage.kind === kind);
    expect(found.length).toBe(count);
  });
});

it('a title tells a variant from the others of its grid', () => {
  const { stages } = graph('axes: {connector.tokens: [64], training.freeze: [[], [encoder]]}');
  const titles = [...stages.values()].flatMap(({ kind, title }) => (kind === 'pretrain' ? [title] : []));
  expect(titles).toEqual([
    'train c-abstractor 64 tokens 336 px, freeze none seed 0',
    'train c-abstractor 64 tokens 336 px, freeze encoder seed 0',
  ]);
});
