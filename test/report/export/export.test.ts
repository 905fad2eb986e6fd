import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../../src/report/export/crc32c.js';
import { exportCsv, exportTensorboard } from '../../../src/report/export/folders.js';
import { writeEvents } from '../../../src/report/export/tensorboard.js';
import { type TrialSeries, trialSeries } from '../../../src/report/export/trial-series.js';
import { readRun } from '../../../src/report/observations.js';
import { Store } from '../../../src/store/store.js';
import { finishTrials, newRunsFolder, PROVENANCE, planOf, rowsOf } from '../study.js';

const { folder, file } = newRunsFolder();
let trials: TrialSeries[];

beforeAll(() => {
  const store = Store.open(file);
  const axes = [{ path: 'connector.type', values: ['a, "b"', 'mlp'] }];
  const { id } = store.beginRun(planOf(axes, [0, 7], ['emoji-caption']), PROVENANCE);
  const [first] = store.trials(id);
  finishTrials(
    store,
    id,
    [10, 20, 30, null].map((value) => value && [rowsOf('emoji-caption', 'asked', [value])]) as never,
  );
  store.recordStage({
    ...{ runId: id, key: 'k', kind: 'pretrain', title: 't', status: 'done', cached: false, seconds: 1, bytes: 1 },
    ...{ error: null, errorCode: null, attempts: 1, log: '', summary: {} },
  });
  store.recordMetrics(
    id,
    [5, 2.5, Number.NaN].map((value, i) => ({ stageKey: 'k', name: 'loss', step: i + 1, value })),
  );
  const { score, items } = rowsOf('emoji-caption', 'asked', [10]);
  store.finishTrial(first!.id, 1, [score], items, { stages: ['k'] });
  trials = trialSeries(store, readRun(store, id));
  store.close();
});

/** A reader of event files of its own: records by their lengths and CRCs, protobuf by its wire types. */
function readEvents(path: string): Map<number, Buffer | number>[] {
  const bytes = readFileSync(path);
  const events: Map<number, Buffer | number>[] = [];
  const unmasked = (at: number) => {
    const rotated = (bytes.readUInt32LE(at) - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(unmasked(at + 8)).toBe(crc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(unmasked(at + 12 + length)).toBe(crc32c(data));
    events.push(fields(data));
    at += 16 + length;
  }
  return events;
}

function fields(data: Buffer): Map<number, Buffer | number> {
  const found = new Map<number, Buffer | number>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = data[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = varint();
    const field = key >> 3;
    if ((key & 7) === 0) found.set(field, varint());
    else {
      const wire = key & 7;
      const length = wire === 1 ? 8 : wire === 5 ? 4 : varint();
      const value = data.subarray(at, at + length);
      found.set(field, wire === 1 ? value.readDoubleLE() : wire === 5 ? value.readFloatLE() : value);
      at += length;
    }
  }
  return found;
}

const scalarOf = (event: Map<number, Buffer | number>) => {
  const value = fields(fields(event.get(5) as Buffer).get(1) as Buffer);
  return [String(value.get(1)), event.get(2), value.get(2)];
};

describe('event files', () => {
  it('have Castagnoli’s CRC', () => {
    // RFC 3720, appendix B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it('hold each scalar with its step and time, after the version', () => {
    const large = { tag: 'x'.repeat(200), step: 3_000_000_000, value: -0.5 };
    const path = writeEvents(join(folder, 'events'), [{ tag: 'train/loss', step: 0, value: 1.5 }, large], 1234.5);
    const [version, ...events] = readEvents(path);
    expect(String(version!.get(3))).toBe('brain.Event:2');
    expect(events.map(scalarOf)).toEqual([
      ['train/loss', 0, 1.5],
      [large.tag, large.step, large.value],
    ]);
    expect(events.map((event) => event.get(1))).toEqual([1234.5, 1234.5]);
  });

  it('are one folder a finished trial, with its losses and scores', () => {
    expect(exportTensorboard(join(folder, 'tb'), trials, 1)).toBe(3);
    expect(readdirSync(join(folder, 'tb')).sort()).toEqual([
      'variant-1-seed-0',
      'variant-1-seed-7',
      'variant-2-seed-0',
    ]);
    const [name] = readdirSync(join(folder, 'tb', 'variant-1-seed-0'));
    const [, ...events] = readEvents(join(folder, 'tb', 'variant-1-seed-0', name!));
    expect(events.map(scalarOf)).toEqual([
      ['train/loss', 1, 5],
      ['train/loss', 2, 2.5],
      ['train/loss', 3, Number.NaN],
      ['score/emoji-caption, CIDEr-D/0-shot/asked', 3, 10],
    ]);
  });
});

it('CSV has a line a trial and a line a step', () => {
  expect(exportCsv(join(folder, 'csv'), trials)).toBe(3);
  const lines = (name: string) =>
    readFileSync(join(folder, 'csv', name), 'utf8')
      .trimEnd()
      .split('\r\n');
  expect(lines('trials.csv')).toEqual([
    'trial,seed,connector.type,"score/emoji-caption, CIDEr-D/0-shot/asked"',
    'variant-1-seed-0,0,"a, ""b""",10',
    'variant-1-seed-7,7,"a, ""b""",20',
    'variant-2-seed-0,0,mlp,30',
  ]);
  expect(lines('metrics.csv').slice(0, 3)).toEqual([
    'trial,step,metric,value',
    'variant-1-seed-0,1,train/loss,5',
    'variant-1-seed-0,2,train/loss,2.5',
  ]);
});
