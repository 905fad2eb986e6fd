import { expect, it } from 'vitest';
import { loadGrid } from '../../src/config/load.js';
import { estimate } from '../../src/plan/estimate.js';
import { stageGraph } from '../../src/plan/graph.js';
import { sourceReader } from '../../src/plan/sources.js';
import { renderPlan } from '../../src/report/plan.js';

function planned(scale: string): string {
  const plan = loadGrid('configs/connector.yaml', { scale }, undefined, sourceReader('runs'));
  const graph = stageGraph(plan, 'tensorflow');
  const input = { plan, graph, vocabulary: 4096, cached: () => null, measured: [], gflops: 200, devices: 1 };
  return renderPlan(plan, estimate(input), 1, (text) => text);
}

it("tells hours of a GPU at the paper's scales, by the operations, and none where it is less than one", () => {
  const text = planned('3b');
  const [, hours] = /GPU +about ([\d,]+) hours of one H100 at 40% of its 989 TFLOP\/s/.exec(text)!;
  const [, flops] = /compute +([\d.]+) ZFLOP/.exec(text)!;
  const expected = (Number(flops) * 1e21) / (0.4 * 989e12) / 3600;
  expect(Number(hours!.replaceAll(',', '')) / expected).toBeCloseTo(1, 1);
  expect(planned('nano')).not.toContain('GPU');
});
