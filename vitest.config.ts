import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import LongestFirst from './tests/longest-first.js';

const source = (path: string): string => fileURLToPath(new URL(`packages/${path}`, import.meta.url));

/** Unit tests read the sources, so that they need no build and show the right lines. */
const fedxSources = [
  { find: /^@fedx\/core\/(host|testing)$/, replacement: source('core/src/$1.ts') },
  { find: /^mlflow-js-client$/, replacement: source('mlflow-js-client/src/index.ts') },
  { find: /^@fedx\/([^/]+)$/, replacement: source('$1/src/index.ts') },
];

export default defineConfig({
  test: {
    reporters: ['default', './tests/count-reporter.ts'],
    // The default leaves a core out, which of two is half; one is added as tests of servers wait for these half of their time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: { alias: fedxSources },
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        // Integration tests meet the built packages as a user does: through their `exports`, run by Node itself.
        test: {
          name: 'integration',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/mlflow/**'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
        },
      },
      {
        // The same, against real MLflow servers that are started once for all of these tests.
        test: {
          name: 'mlflow',
          include: ['tests/mlflow/**/*.test.ts'],
          globalSetup: ['tests/mlflow/start-servers.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
        },
      },
    ],
  },
});
