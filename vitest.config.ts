/**
 * Tests run against `dist`, the files that ship, so workers start the same way they do for users.
 * Files that start threads or processes come after all others, two at a time: much of what they do is to wait. Those of the benchmarks load the
 * whole machine, so they run at the end and alone.
 */
import { defineConfig } from 'vitest/config';

const threaded = ['thread', 'chaos', 'e2e'].map((kind) => `{packages,scripts}/**/test/**/*.${kind}.test.ts`);
const loading = ['thread', 'chaos', 'e2e'].map((kind) => `benchmarks/test/**/*.${kind}.test.ts`);
const explored = ['{packages,benchmarks,scripts}/**/test/**/*.interleave.test.ts'];
const everywhere = ['**/node_modules/**', '**/dist/**', '**/fixtures/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    server: { deps: { external: [/\/(?:packages\/[^/]+|benchmarks)\/dist\//] } },
    globalSetup: ['./scripts/compile-fixtures.mjs'],
    setupFiles: ['./scripts/coverage-flush.mjs'],
    reporters: ['default', './scripts/test-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['{packages,benchmarks,scripts}/**/test/**/*.test.ts'],
          exclude: [...everywhere, ...explored, ...threaded, ...loading],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'explore', include: explored, exclude: everywhere, testTimeout: 300_000, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'threads',
          include: threaded,
          exclude: everywhere,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'loads',
          include: loading,
          exclude: everywhere,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
