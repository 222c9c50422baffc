import { defineConfig } from 'vitest/config';
import { PATIENCE } from './test/support/patience.ts';
import { TAGS } from './test/url/tags.ts';

// Levels by name: *.test.ts is pure, *.int.test.ts and all under test/ use the embedded PostgreSQL of globalSetup, and
// test/e2e starts whole servers.
export default defineConfig({
  test: {
    include: ['{src,bench,tools,clients}/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/support/global-postgres.ts', 'test/support/global-kafka.ts', 'test/support/global-files.ts'],
    // More than cores (CI has two): the tests wait for PostgreSQL, for child processes and for time about as long as they compute.
    maxWorkers: 3,
    // The files of a worker share the modules that they import: loading the whole system takes a second, and 70 files do.
    // No test may leave anything behind in a module, such as fake timers.
    isolate: false,
    // What they say is for vitest.url.config.ts.
    tags: [...TAGS],
    ...PATIENCE,
  },
});
