import { expect, test } from 'vitest';
import { writeMetrics } from './audit-run.ts';

test('a file of metrics in a directory that does not exist is an error that says so', async () => {
  await expect(writeMetrics('/nonexistent/audit.prom', '')).rejects.toThrow(
    'The metrics were not written to /nonexistent/audit.prom: its directory does not exist.',
  );
});
