import type { Logger } from 'pino';
import { signedHeaders } from '../../../../platform/http/webhook-signature.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { exponentialBackoff } from '../../../../platform/kernel/exponential-backoff.ts';
import type { DueReport, SandboxStore } from './sandbox-store.ts';

export interface ReportDeps {
  readonly store: SandboxStore;
  readonly clock: Clock;
  /** Real time for the signatures, as an external provider would use. */
  readonly signClock: Clock;
  readonly webhookKey: Buffer;
  /** Base URL of this server, once it listens. */
  readonly ownUrl: () => string;
  readonly log: Logger;
}

/** The reason that is returned to customers. */
export const DECLINED = 'declined in the sandbox';
const WEBHOOK_PATH = '/api/v1/payments/webhook';
const BATCH = 20;
const RESPONSE_TIMEOUT_MS = 10_000;
/** After this time another node delivers the report of a node that died. */
const LEASE_MS = 30_000;
const RETRY = { firstMs: 1_000, maxMs: 300_000, factor: 2 } as const;
/** About eight hours. */
const ATTEMPTS_MAX = 100;

/** Delivers the reports that are due, and schedules a retry of those that are not accepted. Returns the number of accepted reports. */
export const deliverReports =
  (deps: ReportDeps) =>
  async (signal: AbortSignal): Promise<number> => {
    let done = 0;
    while (!signal.aborted) {
      const due = await deps.store.take(deps.clock(), LEASE_MS, BATCH);
      if (due.length === 0) return done;
      const accepted = await Promise.all(due.map((report) => deliver(deps, report)));
      done += accepted.filter(Boolean).length;
    }
    return done;
  };

async function deliver(deps: ReportDeps, report: DueReport): Promise<boolean> {
  const { store, clock, log } = deps;
  const failure = await post(deps, report);
  if (failure === undefined) {
    await store.delivered(report.ref, clock());
    return true;
  }
  const isLast = report.attempts >= ATTEMPTS_MAX;
  const waitMs = exponentialBackoff(report.attempts, RETRY);
  await store.failed(report.ref, isLast ? undefined : clock() + waitMs);
  log.warn({ paymentId: String(report.paymentId), attempts: report.attempts, failure }, 'a report was not accepted');
  return false;
}

/** Returns the reason of a failure. */
async function post({ signClock, webhookKey, ownUrl }: ReportDeps, report: DueReport): Promise<string | undefined> {
  const nowMs = signClock();
  const body = bodyOf(report, nowMs);
  const webhook = { id: `sandbox_${report.paymentId}`, timestamp: Math.floor(nowMs / 1_000), body };
  try {
    const response = await fetch(ownUrl() + WEBHOOK_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders([webhookKey], webhook) },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    // The error of fetch has the reason in its cause.
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
