import { defineConfig } from 'vitest/config';

// Processes of this tree and of an earlier one together: npm run test:upgrade.
export default defineConfig({
  test: {
    include: ['test/upgrade/**/*.upgrade.ts'],
    globalSetup: ['test/support/global-postgres.ts', 'test/support/global-kafka.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
