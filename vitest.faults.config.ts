import { defineConfig } from 'vitest/config';

// The long form of the fault tests: npm run test:faults. One at a time, since each loads the machine fully.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.faults.ts'],
    globalSetup: ['test/support/global-postgres.ts', 'test/support/global-kafka.ts', 'test/support/global-files.ts'],
    fileParallelism: false,
    testTimeout: 15 * 60_000,
    hookTimeout: 2 * 60_000,
  },
});
