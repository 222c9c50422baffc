import type { Outage } from '../../src/platform/telemetry/outage-log.ts';

/** Adds each failure to `errors`. */
export const collectingOutage = (errors: unknown[] = []): Outage => ({
  failed: (error) => void errors.push(error),
  succeeded() {},
});
