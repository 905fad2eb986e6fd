import { defineConfig } from 'vitest/config';

/** What every model is tested with on engines other than the best one, at the loose tolerance of the golden cases. */
const models = ['test/model/**/*.test.ts', 'test/train/{optimizer,state}.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/temporary-folder.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'all', include: ['test/**/*.test.ts'] } },
      { extends: true, test: { name: 'wasm', include: models, env: { MM1_ENGINE: 'wasm' } } },
      // Where it is asked for (npm run test:webgpu), for it needs packages and a driver that npm ci does not bring.
      ...(process.env.MM1_TEST_WEBGPU
        ? [
            {
              extends: true as const,
              test: {
                name: 'webgpu',
                include: [...models, 'test/engine/webgpu*.test.ts'],
                env: { MM1_ENGINE: 'webgpu', MM1_WEBGPU: 'software' },
                testTimeout: 900_000,
              },
            },
          ]
        : []),
    ],
  },
});
