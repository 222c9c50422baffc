import type { Logger } from 'pino';
import { signedHeaders } from '../../../../platform/http/webhook-signature.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { DueReport, SandboxBooks } from './sandbox-books.ts';

export interface ReportDeps {
  readonly books: SandboxBooks;
  readonly clock: Clock;
  /** Signatures go by real time, as those of a provider elsewhere would. */
  readonly signClock: Clock;
  readonly webhookKey: Buffer;
  /** Base URL of this server, once it listens. */
  readonly ownUrl: () => string;
  readonly log: Logger;
}

/** The reason that customers are told. */
export const DECLINED = 'declined in the sandbox';
const WEBHOOK_PATH = '/api/v1/payments/webhook';
const BATCH = 20;
const ANSWER_MS = 10_000;
/** A node that dies over a delivery leaves it to others after so long. */
const LEASE_MS = 30_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 300_000;
/** Some eight hours. */
const ATTEMPTS_MAX = 100;

/** Delivers what is due, and puts off what is not taken. Answers how many reports were taken. */
export const deliverReports =
  (deps: ReportDeps) =>
  async (signal: AbortSignal): Promise<number> => {
    let done = 0;
    while (!signal.aborted) {
      const due = await deps.books.take(deps.clock(), LEASE_MS, BATCH);
      if (due.length === 0) return done;
      const taken = await Promise.all(due.map((report) => deliver(deps, report)));
      done += taken.filter(Boolean).length;
    }
    return done;
  };

async function deliver(deps: ReportDeps, report: DueReport): Promise<boolean> {
  const { books, clock, log } = deps;
  const failure = await post(deps, report);
  if (failure === undefined) {
    await books.delivered(report.ref, clock());
    return true;
  }
  const isLast = report.attempts >= ATTEMPTS_MAX;
  const waitMs = Math.min(RETRY_FIRST_MS * 2 ** (report.attempts - 1), RETRY_MAX_MS);
  await books.failed(report.ref, isLast ? undefined : clock() + waitMs);
  log.warn({ paymentId: String(report.paymentId), attempts: report.attempts, failure }, 'a report was not taken');
  return false;
}

/** Answers what went wrong. */
async function post({ signClock, webhookKey, ownUrl }: ReportDeps, report: DueReport): Promise<string | undefined> {
  const nowMs = signClock();
  const body = bodyOf(report, nowMs);
  const webhook = { id: `sandbox_${report.paymentId}`, timestamp: Math.floor(nowMs / 1_000), body };
  try {
    const answer = await fetch(ownUrl() + WEBHOOK_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders(webhookKey, webhook) },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `answered ${answer.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    // fetch says only that it failed.
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
}

function bodyOf({ ref, paymentId, orderId, amount, status }: DueReport, nowMs: number): string {
  const payment = { paymentId: String(paymentId), orderId: String(orderId), amount: Number(amount), providerRef: ref };
  return JSON.stringify({
    type: status === 'APPROVED' ? 'payment.completed' : 'payment.failed',
    timestamp: new Date(nowMs).toISOString(),
    data: status === 'APPROVED' ? payment : { ...payment, reason: DECLINED },
  });
}
