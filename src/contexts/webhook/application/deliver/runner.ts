import type { Logger } from 'pino';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import { outageLog } from '../../../../platform/telemetry/outage-log.ts';
import { LEASE_MS } from './endpoint-lease.ts';
import type { LeasedEndpoint } from './ports.ts';
import { type ServeDeps, serveEndpoint } from './serve-endpoint.ts';

/** Due times pass, and other processes store deliveries, without a notification. */
const POLL_MS = 1_000;
const RETRY_MS = 2_000;
/** Endpoints that a process serves at the same time. Others are served by other processes, or when one of these has nothing due. */
const ENDPOINTS_MAX = 100;
/** Taken at a time, so that several processes share them. */
const ACQUIRED_MAX = 8;

export interface WebhookRunner {
  /** There may be new deliveries. */
  notify(): void;
  start(): void;
  /** Resolves when no request is on its way, or after 3 s. What was sent without a response is sent again. */
  stop(): Promise<void>;
}

export interface RunnerDeps extends Omit<ServeDeps, 'listen'> {
  readonly log: Logger;
}

/** Leases endpoints that have something due, and serves each on its own, so that a slow receiver delays no other one. */
export function webhookRunner(deps: RunnerDeps): WebhookRunner {
  const { queue, clock, log } = deps;
  const stopping = new AbortController();
  const notifier = createNotifier();
  const serving = new Map<bigint, Promise<void>>();
  const listeners = new Set<() => void>();
  const outage = outageLog({
    log,
    message: 'webhooks are not sent; they are tried again',
    over: 'webhooks are sent again',
  });
  const interruptions = outageLog({
    log,
    subject: 'webhookId',
    message: 'deliveries of a webhook were interrupted; they are tried again',
  });
  let running: Promise<void> = Promise.resolve();

  const serve: ServeDeps = {
    ...deps,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  function begin(endpoint: LeasedEndpoint): void {
    const served = serveEndpoint(endpoint, serve, stopping.signal)
      .catch((err: unknown) => {
        interruptions.failed(err, { webhookId: String(endpoint.id) });
      })
      .then((hasFound) => {
        serving.delete(endpoint.id);
        // Where nothing was due or an error occurred, the next look is by time: the same would follow at once.
        if (hasFound === true) notifier.notify();
      });
    serving.set(endpoint.id, served);
  }

  /** Returns how long to wait for a notification. */
  async function acquire(): Promise<number> {
    const limit = Math.min(ENDPOINTS_MAX - serving.size, ACQUIRED_MAX);
    if (limit <= 0) return POLL_MS;
    const nowMs = clock();
    const leased = await queue.acquire(new Date(nowMs), new Date(nowMs + LEASE_MS), [...serving.keys()], limit);
    for (const endpoint of leased) begin(endpoint);
    return leased.length === limit ? 0 : POLL_MS;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = await acquire().then(
        (ms) => {
          outage.succeeded();
          return ms;
        },
        (err: unknown) => {
          outage.failed(err);
          return RETRY_MS;
        },
      );
      if (waitMs > 0) await notifier.wait(waitMs);
    }
  }

  function notify(): void {
    notifier.notify();
    for (const listener of listeners) listener();
  }

  return {
    notify,
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      notify();
      await running;
      await Promise.all(serving.values());
    },
  };
}
