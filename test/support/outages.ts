import type { JobLog } from '../../src/platform/jobs/job-log.ts';
import type { Outage } from '../../src/platform/telemetry/outage-log.ts';

/** Adds each failure to `errors`. */
export const collectingOutage = (errors: unknown[] = []): Outage => ({
  failed: (error) => void errors.push(error),
  succeeded() {},
});

/** The same for everything that a runner of jobs logs. */
export const collectingJobLog = (errors: unknown[]): JobLog => ({
  polls: collectingOutage(errors),
  retried: (error) => void errors.push(error),
  failed: (error) => void errors.push(error),
});
