import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Store } from '../../src/store/store.js';
import { gridFolder, mm1, mm1Until, removePackage, TINY } from './grid.js';

/** Everything that a run's trials answered and scored, in a fixed order. */
function results(runs: string) {
  const store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
  const { id, status } = store.run('latest');
  const variants = new Map(store.variants(id).map((variant) => [variant.id, JSON.stringify(variant.settings)]));
  const trials = store.trials(id).map((trial) => ({
    variant: variants.get(trial.variantId)!,
    seed: trial.seed,
    status: trial.status,
    error: trial.error,
    scores: store.scores(id).flatMap(({ trialId, ...score }) => (trialId === trial.id ? [score] : [])),
    items: store.items(trial.id),
  }));
  const found = { id, status, trials, stages: store.stages(id), runs: store.runs().length };
  store.close();
  return found;
}

/** Steps of a stage whose loss is recorded: none before there is a run. */
function steps(runs: string, key: string): number {
  let store: Store;
  try {
    store = Store.openReadOnly(join(runs, 'mm1.sqlite'));
  } catch (error) {
    if ((error as { code?: string }).code === 'E_NO_RUNS') return 0;
    throw error;
  }
  const [run] = store.runs();
  const rows = run ? store.metrics(run.id, key).filter(({ name }) => name === 'loss') : [];
  store.close();
  return rows.length;
}

const whole = gridFolder();
let reference: ReturnType<typeof results>;

beforeAll(async () => {
  const { status, stderr } = await mm1('ablate', whole.grid, '--runs-dir', whole.runs);
  expect(status, stderr).toBe(0);
  reference = results(whole.runs);
});
afterAll(removePackage);

describe('a grid', () => {
  it('is trained, evaluated and recorded whole', () => {
    expect(reference.status).toBe('done');
    expect(reference.trials.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done']);
    for (const { scores, items } of reference.trials) {
      expect(scores.length).toBe(12); // four tasks: as they are, blind and shuffled
      expect(items.length).toBe(scores.reduce((total, score) => total + score.items, 0));
      for (const { task, condition, value } of scores) {
        const own = items.filter((item) => item.task === task && item.condition === condition);
        expect(value).toBeCloseTo(own.reduce((total, item) => total + item.value, 0) / own.length, 9);
      }
    }
  });

  it('shares what variants have in common', () => {
    const kinds = reference.stages.map(({ kind }) => kind).sort();
    const times = (kind: string, count: number) => new Array<string>(count).fill(kind);
    expect(kinds).toEqual(
      [
        ...times('corpus', 4), // captions, interleaved documents, text, and captions for the encoder
        ...times('features', 3), // of captions, of interleaved documents, and of what is asked about
        ...['encoder', 'questions', 'language-model'],
        ...times('pretrain', 4),
        ...times('evaluate', 4),
      ].sort(),
    );
  });

  it('records losses by step', () => {
    const store = Store.openReadOnly(join(whole.runs, 'mm1.sqlite'));
    const stage = reference.stages.find(({ kind }) => kind === 'pretrain')!;
    const steps = store.metrics(reference.id, stage.key).filter(({ name }) => name === 'loss');
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3]);
    store.close();
  });

  it('is reported as JSON and nothing else', async () => {
    const { status, stdout } = await mm1('report', '--run', 'latest', '--format', 'json', '--runs-dir', whole.runs);
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.variants.length).toBe(4);
    const [{ shots, variants, effects }] = report.tasks;
    expect([shots, variants.length]).toEqual([0, 4]);
    expect(variants[0]).toMatchObject({ mean: expect.any(Number), n: 1, blind: { n: 1 }, shuffled: { n: 1 } });
    expect(effects.map(({ axis }: { axis: string }) => axis)).toContain('connector.type');
  });

  it('comes out the same in another folder, to the last answer', async () => {
    const again = gridFolder();
    expect((await mm1('ablate', again.grid, '--runs-dir', again.runs)).status).toBe(0);
    expect(results(again.runs).trials).toEqual(reference.trials);
  });

  it('is taken from the cache when it is run again', async () => {
    const { status, stderr } = await mm1('ablate', whole.grid, '--runs-dir', whole.runs);
    expect(status).toBe(0);
    const again = results(whole.runs);
    expect(again.id).not.toBe(reference.id);
    expect(again.stages.every(({ cached }) => cached)).toBe(true);
    expect(again.trials).toEqual(reference.trials);
    expect(stderr).toContain('found in the cache');
  });
});

describe('what goes wrong', () => {
  it('Ctrl-C ends cleanly and says how to go on; the same command does, to the same results', async () => {
    const { grid, runs } = gridFolder();
    const stopped = await mm1Until(
      /language model: /,
      (pid) => process.kill(pid, 'SIGINT'),
      'ablate',
      grid,
      '--runs-dir',
      runs,
    );
    expect(stopped.status).toBe(130);
    // `npx` where the tests themselves were started by it.
    expect(stopped.stderr.replace('npx ', '')).toContain(`To go on: mm1 ablate ${grid} --runs-dir ${runs}`);
    const interrupted = results(runs);
    expect(interrupted.status).toBe('interrupted');
    expect(readdirSync(join(runs, 'cache')).filter((name) => name.startsWith('writing-'))).toEqual([]);

    const { status, stderr } = await mm1('ablate', grid, '--runs-dir', runs);
    expect(status, stderr).toBe(0);
    const resumed = results(runs);
    expect([resumed.id, resumed.runs]).toEqual([interrupted.id, 1]);
    expect(resumed.trials).toEqual(reference.trials);
  });

  it.each([
    ['language-model', 'language_model: {steps: 2}', 'language_model: {steps: 60}'],
    ['pretrain', 'training: {steps: 3,', 'training: {steps: 60,'],
  ])(
    'Ctrl-C in the midst of a stage keeps the steps done, and the rest comes out the same: %s',
    async (kind, few, many) => {
      const text = TINY.replace(few, many).replace('[4, 16]', '[4]').replace(', attention-pool]', ']');
      const [once, twice] = [gridFolder(text), gridFolder(text)];
      expect((await mm1('ablate', once.grid, '--runs-dir', once.runs)).status).toBe(0);
      const expected = results(once.runs);
      const { key } = expected.stages.find((stage) => stage.kind === kind)!;

      const stopped = await mm1Until(
        () => steps(twice.runs, key) >= 3,
        (pid) => process.kill(pid, 'SIGINT'),
        'ablate',
        twice.grid,
        '--runs-dir',
        twice.runs,
      );
      expect(stopped.status).toBe(130);
      const { status, stderr } = await mm1('ablate', twice.grid, '--runs-dir', twice.runs);
      expect(status, stderr).toBe(0);
      expect(stderr).toMatch(/: goes on after step \d+ of 60/);
      const resumed = results(twice.runs);
      expect(resumed.trials).toEqual(expected.trials);
      expect(steps(twice.runs, key)).toBe(60);
      const weights = (runs: string) => readFileSync(join(runs, 'cache', key, 'model.safetensors'));
      expect(weights(twice.runs).equals(weights(once.runs))).toBe(true);
      expect(readdirSync(join(twice.runs, 'cache')).filter((name) => name.startsWith('checkpoints-'))).toEqual([]);
    },
  );

  it('a killed head loses nothing that was done', async () => {
    const { grid, runs } = gridFolder();
    const kill = (pid: number) => process.kill(pid, 'SIGKILL');
    const { stderr } = await mm1Until(/grid: 2\/4/, kill, 'ablate', grid, '--runs-dir', runs);
    expect(stderr).not.toContain('    at '); // its worker goes without a word
    const killed = results(runs);
    expect(killed.trials.filter(({ status }) => status === 'done').length).toBeGreaterThanOrEqual(2);
    expect((await mm1('ablate', grid, '--runs-dir', runs)).status).toBe(0);
    expect(results(runs)).toMatchObject({ id: killed.id, runs: 1, trials: reference.trials });
  });

  it('a damaged entry of the cache is said aloud and computed again', async () => {
    // An encoder is not looked at where all that was made of it is there.
    const [encoder, ...others] = ['encoder', 'pretrain', 'evaluate', 'features'].map(
      (of) => reference.stages.find(({ kind }) => kind === of)!,
    );
    for (const { key } of others) rmSync(join(whole.runs, 'cache', key), { recursive: true });
    for (const { key, kind } of reference.stages)
      if (kind === 'features') rmSync(join(whole.runs, 'cache', key), { recursive: true, force: true });
    const file = join(whole.runs, 'cache', encoder!.key, 'model.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 5]! ^= 0xff;
    writeFileSync(file, bytes);
    const { status, stderr } = await mm1('ablate', whole.grid, '--runs-dir', whole.runs);
    expect(status).toBe(0);
    expect(stderr).toMatch(/encoder .*: the cached result is damaged \(model\.safetensors has other bytes\)/);
    expect(results(whole.runs).trials).toEqual(reference.trials);
  });

  it('a variant that diverges fails alone', async () => {
    const { grid, runs } = gridFolder(
      TINY.replace('connector.tokens: [4, 16]', 'training.learning_rate: [0.001, 1.0e+30]').replace(
        'connector.type: [average-pool, attention-pool]',
        'connector.tokens: [4]',
      ),
    );
    const { status, stderr } = await mm1('ablate', grid, '--runs-dir', runs);
    expect(status).toBe(1);
    expect(stderr).toContain('E_DIVERGED');
    const { status: run, trials } = results(runs);
    expect(run).toBe('failed');
    expect(trials.map((trial) => trial.status)).toEqual(['done', 'failed']);
    expect(trials[1]!.error).toMatch(/diverged at step/);
    const report = await mm1('report', '--runs-dir', runs);
    expect(report.status).toBe(0);
    expect(report.stdout).toContain('diverged');
  });

  it('nothing starts until the whole grid is valid', async () => {
    const { grid, runs } = gridFolder(TINY.replace('[4, 16]', '[4, 15]'));
    const { status, stderr } = await mm1('ablate', grid, '--runs-dir', runs);
    expect(status).toBe(1);
    expect(stderr).toMatch(/E_GRID[\s\S]*tiny\.yaml:\d+:\d+[\s\S]*15/);
    expect(stderr).not.toContain('    at ');
    expect(() => readdirSync(runs)).toThrow();
  });

  it('a runs folder that cannot be made is E_STORE', async () => {
    const { grid } = gridFolder();
    const { status, stderr } = await mm1('ablate', grid, '--runs-dir', join(grid, 'runs'));
    expect(status).toBe(1);
    expect(stderr).toContain('E_STORE');
  });
});
