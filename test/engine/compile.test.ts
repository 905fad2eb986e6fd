import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile, openState, takeCompilations } from '../../src/engine/compile.js';
import { openEngine } from '../../src/engine/index.js';
import { embedding } from '../../src/model/layers/index.js';

let compiles = true;

beforeAll(async () => {
  compiles = (await openEngine()).name === 'tensorflow';
});
beforeEach(() => void takeCompilations());
afterEach(() => void vi.unstubAllEnvs());

/** A loss with its gradients, by attention, softmax, reductions and a broadcast. */
const slope = ({ x, w, b }: { x: tf.Tensor2D; w: tf.Tensor2D; b: tf.Tensor1D }) => {
  const { value, grads } = tf.valueAndGrads((weight: tf.Tensor, bias: tf.Tensor) => {
    const y = tf.softmax(tf.add(tf.matMul(x, weight as tf.Tensor2D), bias));
    return tf.mean(tf.square(tf.sub(y, tf.mean(y, 1, true)))) as tf.Scalar;
  })([w, b]);
  return { value, grads };
};
const given = (rows: number) => ({
  x: tf.randomNormal([rows, 3], 0, 1, 'float32', rows) as tf.Tensor2D,
  w: tf.randomNormal([3, 4], 0, 1, 'float32', 2) as tf.Tensor2D,
  b: tf.tensor1d([0.1, -0.2, 0.3, 0]),
});
const numbers = ({ value, grads }: ReturnType<typeof slope>) =>
  [value, ...grads].flatMap((tensor) => [...tensor.dataSync()]);

describe('a compiled function', () => {
  it.each(['xla', 'graph', '0'])('gives what the same function gives op by op: MM1_COMPILE=%s', (mode) => {
    vi.stubEnv('MM1_COMPILE', mode);
    const run = compile('slope', slope);
    for (const rows of [5, 7, 5]) {
      const expected = numbers(slope(given(rows)));
      numbers(run(given(rows))).forEach((number, i) => {
        expect(number).toBeCloseTo(expected[i]!, 6);
      });
    }
    expect(takeCompilations().map(({ title }) => title)).toEqual(compiles && mode !== '0' ? ['slope', 'slope'] : []);
  });

  it('reads the values that it is given each time, and keeps two inputs apart that were one tensor at first', () => {
    const add = compile('add', ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => tf.sub(tf.mul(a, 10), b));
    const [one, two] = [tf.tensor1d([1]), tf.tensor1d([2])];
    expect(add({ a: one, b: one }).dataSync()[0]).toBe(9);
    expect(add({ a: one, b: two }).dataSync()[0]).toBe(8);
    expect(add({ a: two, b: one }).dataSync()[0]).toBe(19);
  });

  it('is another program for other settings', () => {
    const power = compile('power', ({ x, times }: { x: tf.Tensor; times: number }) => tf.mul(x, times));
    const x = tf.tensor1d([3]);
    expect([2, 5, 2].map((times) => power({ x, times }).dataSync()[0])).toEqual([6, 15, 6]);
  });

  it('may give back an input, a constant, nulls and nested lists', () => {
    const give = compile('give', ({ x }: { x: tf.Tensor }) => ({
      x,
      none: null,
      list: [tf.ones([3]), { y: tf.neg(x) }],
    }));
    const { x, none, list } = give({ x: tf.tensor1d([4]) });
    expect([x.dataSync()[0], none]).toEqual([4, null]);
    expect([...(list[0] as tf.Tensor).dataSync()]).toEqual([1, 1, 1]);
    expect((list[1] as { y: tf.Tensor }).y.dataSync()[0]).toBe(-4);
  });

  it('leaves no tensor behind but what it gives', () => {
    const run = compile('slope', slope);
    const input = given(5);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) {
      const output = run(input);
      expect(tf.memory().numTensors).toBe(before + 3);
      tf.dispose([output.value, output.grads]);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says which ways there are where MM1_COMPILE names none', () => {
    vi.stubEnv('MM1_COMPILE', 'fast');
    if (compiles) expect(() => compile('slope', slope)(given(2))).toThrow(/"fast"/);
  });
});

describe('what no program can hold is refused by name when it is recorded', () => {
  const x = () => tf.tensor1d([1, 2, 3]);
  const cases: [string, RegExp, (x: tf.Tensor) => tf.Tensor][] = [
    ['a value that is read back', /reads the result of Sum back/, (x) => tf.mul(x, tf.sum(x).dataSync()[0]!)],
    ['a random draw', /randomNormal draws on the host/, (x) => tf.add(x, tf.randomNormal([3]))],
    [
      'a seeded random draw',
      /randomUniform draws on the host/,
      (x) => tf.add(x, tf.randomUniform([3], 0, 1, 'float32', 1)),
    ],
    ['dropout', /dropout draws on the host/, (x) => tf.dropout(x, 0.5)],
    ['a multinomial draw', /multinomial draws on the host/, (x) => tf.multinomial(x as tf.Tensor1D, 2) as tf.Tensor],
  ];

  it.each(cases)('%s', (_, message, compute) => {
    if (compiles) expect(() => compile('refused', compute)(x())).toThrow(message);
  });

  it('a tensor that it was not given', () => {
    const other = tf.neg(x());
    if (compiles) expect(() => compile('refused', (y: tf.Tensor) => tf.add(y, other))(x())).toThrow(/was not given/);
  });

  it('and the engine is as it was before', () => {
    if (!compiles) return;
    expect(() => compile('refused', (y: tf.Tensor) => tf.mul(y, y.dataSync()[0]!))(x())).toThrow();
    expect([...tf.add(x(), tf.randomUniform([3], 0, 0)).dataSync()]).toEqual([1, 2, 3]);
    expect([...compile('after', (y: tf.Tensor) => tf.add(y, 1))(x()).dataSync()]).toEqual([2, 3, 4]);
  });
});

describe('ids', () => {
  const table = () => tf.tensor2d([0, 1, 2, 3].map((row) => [row, -row]));
  const ids = (...values: number[]) => tf.tensor1d(values, 'int32');
  const look = compile('look', (input: { table: tf.Tensor; ids: tf.Tensor }) =>
    embedding(input.table, tf.add(tf.reshape(input.ids, [1, -1]), tf.scalar(1, 'int32'))),
  );

  it.each([[3], [-2]])('out of range are refused before they are fed, whatever was added to them: %i', (wrong) => {
    expect([...look({ table: table(), ids: ids(0, 2) }).dataSync()]).toEqual([1, -1, 3, -3]);
    if (!compiles) return;
    expect(() => look({ table: table(), ids: ids(0, wrong) })).toThrow(
      expect.objectContaining({ code: 'E_IDS', message: `ids holds ${wrong}, and its ids go from -1 to 2` }),
    );
  });

  it('out of range in the very first batch are refused too', () => {
    const fresh = compile('fresh', (input: { ids: tf.Tensor }) => tf.oneHot(input.ids, 4));
    if (compiles) expect(() => fresh({ ids: ids(4) })).toThrow(/ids holds 4/);
  });
});

describe('a state', () => {
  it.each(['xla', 'graph', '0'])(
    'is changed in its place, and what a step leaves alone stays: MM1_COMPILE=%s',
    (mode) => {
      vi.stubEnv('MM1_COMPILE', mode);
      const start = { w: tf.tensor1d([1, 2]), still: tf.scalar(7), none: null };
      const before = tf.memory().numTensors;
      const state = openState(start);
      const step = state.step('walk', ({ w, still, none }, { by }: { by: tf.Tensor }) => [
        { w: tf.add(w, by) as tf.Tensor1D, still, none },
        { old: w, sum: tf.sum(tf.mul(w, still)) },
      ]);
      const said = [0, 1, 2].map(() => {
        const by = tf.tensor1d([1, 10]);
        const { old, sum } = step({ by });
        const told = [...old.dataSync(), sum.dataSync()[0]];
        tf.dispose([by, old, sum]);
        return told;
      });
      expect(said).toEqual([
        [1, 2, 21],
        [2, 12, 98],
        [3, 22, 175],
      ]);
      const now = state.read();
      expect([...now.w.dataSync(), now.still.dataSync()[0], now.none]).toEqual([4, 32, 7, null]);
      expect([...start.w.dataSync()]).toEqual([1, 2]); // the caller's
      tf.dispose([now.w, now.still]);
      state.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('two steps share it', () => {
    const state = openState({ sum: tf.scalar(0) });
    const add = state.step('add', ({ sum }, x: tf.Tensor) => [{ sum: tf.add(sum, x) as tf.Scalar }, null]);
    const take = state.step('take', ({ sum }, _: null) => [{ sum: tf.scalar(0) }, sum]);
    for (const x of [1, 2, 3]) add(tf.scalar(x));
    expect(take(null).dataSync()[0]).toBe(6);
    add(tf.scalar(5));
    expect(take(null).dataSync()[0]).toBe(5);
    state.dispose();
  });
});
