import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import type { Kind } from '../../domain/kinds.ts';
import type { InboxSignal } from '../inbox-signal.ts';
import type { IntakeStore } from '../ports.ts';

/** Facts whose notification was lost, or was meant for a writer that died, wait at most this long. */
const POLL_MS = 1_000;
/** After this time another process has written what it had, or is still at it. */
const BUSY_MS = 100;
const RETRY_MS = 1_000;

export interface WriterDeps {
  readonly intake: Pick<IntakeStore, 'writeNext'>;
  readonly signal: Pick<InboxSignal, 'notify'>;
  readonly onWritten: (kind: Kind, count: number) => void;
  /** How long facts wait for this writer, in seconds. */
  readonly onLag: (seconds: number) => void;
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
export function noticeWriter({ intake, signal, onWritten, onLag, log }: WriterDeps): NoticeWriter {
  const notifier = createNotifier();
  let isStopping = false;
  let running: Promise<void> = Promise.resolve();

  /** Returns how long to wait for news before the next batch. */
  async function writeBatch(): Promise<number> {
    const result = await intake.writeNext();
    if (result.kind === 'BUSY') return BUSY_MS;
    onLag(result.kind === 'EMPTY' ? 0 : result.ageSeconds);
    if (result.kind === 'EMPTY') return POLL_MS;
    const { notices, userIds } = result;
    for (const [kind, { length }] of Map.groupBy(notices, ({ kind }) => kind)) onWritten(kind, length);
    signal.notify(userIds);
    return 0;
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      const waitMs = await writeBatch().catch((err: unknown) => {
        log.warn({ err }, 'notices were not written; they are tried again');
        return RETRY_MS;
      });
      if (waitMs === RETRY_MS || waitMs === BUSY_MS) await sleep(waitMs);
      else if (waitMs > 0) await notifier.wait(waitMs);
    }
  }

  return {
    notify: () => notifier.notify(),
    start() {
      running = run();
    },
    async stop() {
      isStopping = true;
      notifier.notify();
      await running;
    },
  };
}
