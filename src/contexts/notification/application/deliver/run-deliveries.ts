import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import { outageLog } from '../../../../platform/telemetry/outage-log.ts';

/** Due times pass without a notification. */
const POLL_MS = 1_000;
const RETRY_MS = 2_000;

export interface DeliveryRunner {
  /** There may be something to plan. */
  notify(): void;
  start(): void;
  /** Resolves after the messages that are being handed over. */
  stop(): Promise<void>;
}

/** Runs the planner and each channel in a loop of its own, so that a slow mail server delays no push. `steps` return whether there was work. */
export function deliveryRunner(
  steps: Readonly<Record<string, (signal: AbortSignal) => Promise<boolean>>>,
  log: Logger,
): DeliveryRunner {
  const stopping = new AbortController();
  const loops = Object.entries(steps).map(([name, step]) => ({
    step,
    notifier: createNotifier(),
    outage: outageLog({
      log,
      facts: { step: name },
      message: 'notices were not delivered; they are tried again',
      over: 'notices are delivered again',
    }),
  }));
  let running: readonly Promise<void>[] = [];

  async function run({ step, notifier, outage }: (typeof loops)[number]): Promise<void> {
    while (!stopping.signal.aborted) {
      const isMore = await step(stopping.signal).catch((error: unknown) => {
        outage.failed(error);
        return undefined;
      });
      if (isMore !== undefined) outage.succeeded();
      if (isMore === undefined) await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {});
      else if (!isMore) await notifier.wait(POLL_MS);
    }
  }

  const notify = () => {
    for (const { notifier } of loops) notifier.notify();
  };
  return {
    notify,
    start() {
      running = loops.map(run);
    },
    async stop() {
      stopping.abort();
      notify();
      await Promise.all(running);
    },
  };
}
