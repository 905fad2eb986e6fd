import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/temporary-folder.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'all', include: ['test/**/*.test.ts'] } },
      // Every model once more on the fallback, at the loose tolerance of the golden cases; and what updates its weights.
      {
        extends: true,
        test: {
          name: 'wasm',
          include: ['test/model/**/*.test.ts', 'test/train/{optimizer,state}.test.ts'],
          env: { MM1_ENGINE: 'wasm' },
        },
      },
    ],
  },
});
