import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { estimate, worksOf } from '../../src/plan/estimate.js';
import { stageGraph } from '../../src/plan/graph.js';
import { type Measured, measuredOf, workSummary } from '../../src/plan/rates.js';
import type { StageSpecs } from '../../src/plan/stage.js';

const folder = mkdtempSync(join(tmpdir(), 'mm1-estimate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const VOCABULARY = 4096;

function planOf(text: string) {
  const file = join(folder, 'grid.yaml');
  writeFileSync(file, text);
  const plan = loadGrid(file);
  return { plan, graph: stageGraph(plan, 'tensorflow') };
}
const TWO = 'scale: nano\nseeds: [0, 1]\naxes: {connector.tokens: [64, 144]}\n';

function estimated(text: string, measured: readonly Measured[] = [], cached: readonly string[] = []) {
  const made = planOf(text);
  const find = (key: string) => (cached.includes(key) ? ({ key } as never) : null);
  return {
    ...made,
    result: estimate({ ...made, vocabulary: VOCABULARY, cached: find, measured, gflops: 100, devices: 1 }),
  };
}

describe('an estimate', () => {
  it('counts stages once, and the trials that need them', () => {
    const { result } = estimated(TWO);
    const of = (kind: string) => result.stages.filter((stage) => stage.kind === kind);
    expect(of('encoder').map(({ trials }) => trials)).toEqual([4]);
    expect(of('pretrain').map(({ trials }) => trials)).toEqual([1, 1, 1, 1]);
    expect(result.stages.every(({ basis }) => basis === 'guess')).toBe(true);
  });

  it('grows with the work: twice the steps, twice the operations', () => {
    const flops = (steps: number) => {
      const { graph } = planOf(`${TWO}base: {training: {steps: ${steps}}}`);
      const works = worksOf(graph, VOCABULARY);
      return [...graph.stages.values()].flatMap(({ kind, key }) =>
        kind === 'pretrain' ? [works.get(key)!.flops] : [],
      )[0]!;
    };
    expect(flops(400) / flops(200)).toBeCloseTo(2, 9);
  });

  it('counts the texts that an encoder learns from, and each of the parts that it names', () => {
    const flops = (contrast: string, resolution: number) => {
      const encoder = `{contrast: ${contrast}, resolution: ${resolution}, keep_patches: 64, batch: 32}`;
      const { graph } = planOf(`scale: nano\nseeds: [0]\nbase: {encoder: ${encoder}}\n`);
      const works = worksOf(graph, VOCABULARY);
      return [...graph.stages.values()].flatMap(({ kind, key }) =>
        kind === 'encoder' ? [works.get(key)!.flops / (3 * works.get(key)!.pieces)] : [],
      )[0]!;
    };
    // Of a block of width 96: 12 x 96 x 96 weights, multiplied and added; two of them, and scores of 24 tokens by 24.
    const text = 24 * 2 * 2 * 12 * 96 ** 2 + 2 * 4 * 24 * 24 * 96;
    const compared = (count: number) => count * (text + 2 * 2 * 96 * 96 + 2 * count * 96);
    const images = flops('images', 224) - compared(32);
    expect(flops('images', 336) - compared(32)).toBeCloseTo(images, -7); // 64 patches either way
    // A window of 8 x 8 patches has 8 regions, a whole picture of 16 x 16 four times as many, and there are a quarter as many pictures.
    const regions = flops('regions', 224) - compared(32 * 8);
    expect(regions / images).toBeGreaterThan(1);
    expect(regions / images).toBeLessThan(1.3); // whole pictures have more scores
  });

  it('goes by what such stages took here: in proportion, and as measured', () => {
    const { result: first } = estimated(TWO);
    const encoder = first.stages.find(({ kind }) => kind === 'encoder')!;
    const measured = { kind: 'encoder', ...encoder.work, flops: encoder.work.flops / 10, seconds: 11.5 };
    const { result } = estimated(TWO, [measured]);
    const again = result.stages.find(({ kind }) => kind === 'encoder')!;
    expect(again.basis).toBe('measured');
    expect(again.seconds).toBeCloseTo(101.5, 6); // 10 s beyond the start, ten times over
    expect(result.stages.find(({ kind }) => kind === 'pretrain')!.basis).toBe('guess');
  });

  it('goes by the nearest of its kind, where none is like it', () => {
    const { result: first } = estimated(TWO);
    const encoder = first.stages.find(({ kind }) => kind === 'encoder')!;
    expect(encoder.work.like).toBe('encoder nano clip images fp32');
    const of = (like: string, seconds: number) => ({ kind: 'encoder', ...encoder.work, like, seconds });
    const measured = [
      of('encoder nano clip regions fp32', 300),
      of('encoder nano aim images fp32', 100),
      of('encoder nano aim regions fp32', 800),
      of('encoder micro clip images fp32', 900),
    ];
    const { result } = estimated(TWO, measured);
    const again = result.stages.find(({ kind }) => kind === 'encoder')!;
    expect(again.basis).toBe('alike');
    expect(again.seconds).toBeCloseTo(200, 6); // of what shares all words but one, and the scale
  });

  it('does not add a start that stages here do not have', () => {
    const { result: first } = estimated(TWO);
    const encoder = first.stages.find(({ kind }) => kind === 'encoder')!;
    const measured = [0.4, 0.6].map((seconds) => ({ kind: 'encoder', ...encoder.work, seconds }));
    const { result } = estimated(TWO, measured);
    expect(result.stages.find(({ kind }) => kind === 'encoder')!.seconds).toBeCloseTo(0.5, 6);
  });

  it('guesses that texts are read sooner than pictures are drawn', () => {
    const { result, graph } = estimated(TWO);
    const corpora = result.stages.filter(({ kind }) => kind === 'corpus');
    const rate = (pictures: boolean) => {
      const of = corpora.filter(
        ({ key }) => ((graph.stages.get(key)!.spec as StageSpecs['corpus']).resolution !== null) === pictures,
      );
      return of.map(({ work, seconds }) => work.pieces / seconds);
    };
    expect(Math.min(...rate(false))).toBeGreaterThan(10 * Math.max(...rate(true)));
  });

  it('leaves out what is in the cache', () => {
    const { result: whole } = estimated(TWO);
    const encoder = whole.stages.find(({ kind }) => kind === 'encoder')!;
    const { result } = estimated(TWO, [], [encoder.key]);
    expect(whole.seconds - result.seconds).toBeCloseTo(encoder.seconds, 6);
    expect(whole.flops - result.flops).toBeCloseTo(encoder.work.flops, -3);
  });

  it("has the paper's own sizes: 3B and 30B decoders, ViT-L and what AdamW keeps of them", () => {
    const sizes = (scale: string) => estimated(`scale: ${scale}\nseeds: [0]\n`).result.variants[0]!;
    expect(sizes('3b').parameters.language_model / 2.9e9).toBeCloseTo(1, 1);
    expect(sizes('30b').parameters.language_model / 30e9).toBeCloseTo(1, 1);
    expect(sizes('3b').memory).toBeGreaterThan(16 * sizes('3b').parameters.language_model);
    const { learning, parameters } = sizes('nano');
    expect(learning).toBe(parameters.connector + parameters.language_model); // the encoder is frozen
  });

  it('is kept with a stage, and read again', () => {
    const { result } = estimated(TWO);
    const { work } = result.stages[0]!;
    const manifest = { key: 'k', kind: 'corpus', title: 't', seconds: 3, summary: workSummary(work), files: {} };
    expect(measuredOf(manifest)).toEqual({
      kind: 'corpus',
      like: work.like,
      flops: work.flops,
      pieces: work.pieces,
      seconds: 3,
    });
    expect(measuredOf({ ...manifest, summary: {} })).toBeNull();
  });
});
