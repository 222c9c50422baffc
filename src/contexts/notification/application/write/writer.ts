import type { Logger } from 'pino';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import { outageLog } from '../../../../platform/telemetry/outage-log.ts';
import type { Kind } from '../../domain/kinds.ts';
import type { InboxSignal, IntakeStore, WriteResult } from '../ports.ts';

/** Facts whose notification was lost, or was meant for a writer that died, wait at most this long. */
const POLL_MS = 1_000;
/** After this time another process has written what it had, or is still at it. */
const BUSY_MS = 100;
const RETRY_MS = 1_000;
/**
 * In a rush the writer works a fortieth of the time: writing the notices of a coupon costs PostgreSQL about as much as issuing it (bench/issue, candidate c).
 * It goes on at full speed when the rush is over, or has lasted for minutes.
 */
const PAUSE_FACTOR = 39;
const PAUSE_MAX_MS = 5_000;
const RUSH_ENDS_SECONDS = 1;
const LAG_MAX_SECONDS = 300;
const REJECTED =
  'a notice cannot be written and was set aside in notification.rejected_facts: fix what the reason names, then put it back as the README of the context says';

export interface WriterDeps {
  readonly intake: Pick<IntakeStore, 'writeNext'>;
  readonly signal: Pick<InboxSignal, 'notify'>;
  readonly onWritten: (kind: Kind, count: number) => void;
  readonly log: Logger;
}

export interface NoticeWriter {
  /** There are new facts. */
  notify(): void;
  start(): void;
  /** Resolves after the batch that is being written. */
  stop(): Promise<void>;
}

/** Writes the notices that the intake asks for, batch after batch. Every process of the context has one; one of them writes at a time. */
export function noticeWriter({ intake, signal, onWritten, log }: WriterDeps): NoticeWriter {
  const notifier = createNotifier();
  /** Ends a pause, which a notification does not. */
  const stopping = createNotifier();
  let isStopping = false;
  let running: Promise<void> = Promise.resolve();
  const outage = outageLog({
    log,
    message: 'notices are not written; they are tried again',
    over: 'notices are written again',
  });

  /** Returns how long to wait before the next batch. */
  async function writeBatch(): Promise<number | 'EMPTY'> {
    const startedMs = performance.now();
    const result = await intake.writeNext();
    if (result.kind === 'BUSY') return BUSY_MS;
    if (result.kind === 'EMPTY') return 'EMPTY';
    const { notices, rejected, userIds } = result;
    for (const { id, reason } of rejected) log.error({ rejectedFact: String(id), reason }, REJECTED);
    for (const [kind, { length }] of Map.groupBy(notices, ({ kind }) => kind)) onWritten(kind, length);
    signal.notify(userIds);
    return isRush(result) ? Math.min((performance.now() - startedMs) * PAUSE_FACTOR, PAUSE_MAX_MS) : 0;
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      const pauseMs = await writeBatch().then(
        (ms) => {
          outage.succeeded();
          return ms;
        },
        (err: unknown) => {
          outage.failed(err);
          return RETRY_MS;
        },
      );
      if (pauseMs === 'EMPTY') await notifier.wait(POLL_MS);
      else if (pauseMs > 0) await stopping.wait(pauseMs);
    }
  }

  return {
    notify: () => notifier.notify(),
    start() {
      running = run();
    },
    async stop() {
      isStopping = true;
      stopping.notify();
      notifier.notify();
      await running;
    },
  };
}

/**
 * Do events come now, and may their notices wait? The size of a batch does not tell: in a rush that the writer keeps up with, batches are small. A notice that
 * comes alone is written at once, and delays the next one by some tenths of a second.
 */
const isRush = ({ ageSeconds, newestSeconds }: Extract<WriteResult, { kind: 'WRITTEN' }>): boolean =>
  newestSeconds < RUSH_ENDS_SECONDS && ageSeconds < LAG_MAX_SECONDS;
