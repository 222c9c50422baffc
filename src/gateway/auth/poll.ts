import type { Outage } from '../../platform/telemetry/outage-log.ts';

/** What runs until it is stopped. */
export interface Poll {
  stop(): void;
}

/** Calls `read` again and again, each time `everyMs` after the last call has ended. `outage` gets what it throws, and its successes. */
export function poll(everyMs: number, read: () => Promise<void>, outage: Outage): Poll {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    timer = setTimeout(() => void run(), everyMs).unref();
  };
  async function run(): Promise<void> {
    await read().then(outage.succeeded, outage.failed);
    if (!stopped) schedule();
  }
  schedule();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
