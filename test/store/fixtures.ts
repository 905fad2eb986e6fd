import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadGrid } from '../../src/config/load.js';
import type { Plan } from '../../src/config/plan.js';
import type { ItemScoreRow, Provenance, ScoreRow } from '../../src/store/rows.js';

/** A folder for one test file's databases. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'mm1-store-'));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

/** A real plan of two variants and two seeds. */
export function twoByTwo(folder: string, name = 'connector'): Plan {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, 'question: Why?\nscale: smoke\nseeds: [0, 7]\naxes: {connector.tokens: [16, 64]}\n');
  return loadGrid(file);
}

export const PROVENANCE: Provenance = {
  mm1: '0.1.0',
  node: 'v20.19.0',
  commit: 'abc',
  dirty: false,
  packages: { sharp: '0.35.5' },
  engine: { name: 'wasm', version: '4.22.0', device: 'a processor' },
  cpu: 'a processor',
  cores: 2,
  memoryBytes: 8e9,
  gpu: null,
  platform: 'linux',
  host: 'here',
  command: 'mm1 ablate connector.yaml',
};

const TASK = { task: 'emoji-caption', shots: 4, demonstrationSeed: 2, metric: 'CIDEr-D' } as const;
const SCORE = { ...TASK, group: 'captioning', lowerIsBetter: false, items: 2, chance: 0 } as const;

export const SCORES: readonly ScoreRow[] = [
  { ...SCORE, condition: 'asked', value: 12.5, demonstrations: ['<red> A drawing of an apple\n', '<sun> ☀️'] },
  { ...SCORE, condition: 'blind', value: 1.25, demonstrations: [' A drawing of an apple\n', ' ☀️'] },
  { ...SCORE, condition: 'shuffled', value: 2.5, lowerIsBetter: true, demonstrations: [] },
];

export const ITEMS: readonly ItemScoreRow[] = ['a', 'b'].map((item, index) => ({
  ...TASK,
  condition: 'asked',
  item,
  demonstrationList: index,
  prompt: 'A drawing of',
  output: `"${item}" 🍎`,
  references: ['red apple', 'apple'],
  value: 10 + 5 * index,
}));
