import { defineConfig } from 'vitest/config';
import { PATIENCE } from './test/support/patience.ts';
import { LeftOutReporter } from './test/url/left-out.ts';
import { TAGS } from './test/url/tags.ts';

// The tests that speak HTTP, against the server at STAMPEDE_TEST_URL: npm run test:url.
export default defineConfig({
  test: {
    include: ['test/{attacks,gateway,bounds,idempotency}/**/*.int.test.ts'],
    // They start servers of their own as soon as they are loaded, tagged or not.
    exclude: ['test/gateway/{doctor,pooler}.int.test.ts'],
    tags: [...TAGS],
    // They share one server, whose time some of them move.
    fileParallelism: false,
    isolate: false,
    ...PATIENCE,
    reporters: ['default', new LeftOutReporter()],
  },
});
