import { randomBytes } from 'node:crypto';
import type { ScheduledTask } from '../../../../platform/context.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { BeginAnswer, PaymentProvider } from '../../application/ports.ts';
import { DECLINED, deliverReports, type ReportDeps } from './deliver-reports.ts';
import { type SandboxBooks, type SandboxPayment, sandboxBooks, type Verdict } from './sandbox-books.ts';

/** What becomes of a payment: on its page, by whoever holds the link, or of every payment, by configuration. */
export type SandboxChoice =
  | { readonly kind: 'APPROVE' | 'DECLINE' | 'APPROVE_TWICE' }
  | { readonly kind: 'APPROVE_LATER'; readonly afterMs: number };
/** PAGE: nothing happens until somebody chooses, which may be never. */
export type SandboxBehaviour = SandboxChoice | { readonly kind: 'PAGE' };

/** A payment as its page shows it. */
export interface SandboxPage {
  readonly orderId: bigint;
  readonly amount: bigint;
  readonly status: SandboxPayment['status'];
  /** Does the shop know? */
  readonly isReported: boolean;
}

export interface SandboxProvider {
  readonly provider: PaymentProvider;
  /** Undefined: no such payment. */
  find(ref: string): Promise<SandboxPage | undefined>;
  /** The first choice counts. */
  choose(ref: string, choice: SandboxChoice): Promise<void>;
  readonly jobs: readonly ScheduledTask[];
}

export interface SandboxDeps extends Omit<ReportDeps, 'books'> {
  readonly database: Pick<Database, 'pool'>;
  readonly clock: Clock;
  readonly behaviour: SandboxBehaviour;
  /** Where customers reach this server. Undefined: at `ownUrl`. */
  readonly publicUrl?: string | undefined;
}

const REF_BYTES = 24;

/**
 * A payment provider for development and demonstrations: it has its own books, a page where the customer pays, and reports by a
 * signed webhook over HTTP, like one that lives elsewhere. No money moves.
 */
export function sandboxProvider(deps: SandboxDeps): SandboxProvider {
  const { clock, behaviour, ownUrl, publicUrl } = deps;
  const books: SandboxBooks = sandboxBooks(deps.database.pool);
  const changed = createNotifier();
  return {
    provider: {
      async begin({ paymentId, orderId, amount }) {
        const nowMs = clock();
        const ref = randomBytes(REF_BYTES).toString('base64url');
        const verdict = atBegin(behaviour, nowMs);
        const payment = await books.open({ ref, paymentId, orderId, amount }, verdict, nowMs);
        if (verdict.reports > 0) changed.notify();
        return answerOf(payment, `${publicUrl ?? ownUrl()}/sandbox/payments/${payment.ref}`);
      },
      refund: (refund) => books.refund(refund, clock()),
    },
    async find(ref) {
      const payment = await books.find(ref);
      return payment && { ...payment, isReported: payment.reportsLeft === 0 };
    },
    async choose(ref, choice) {
      await books.decide(ref, verdictOf(choice, clock()));
      changed.notify();
    },
    jobs: [
      {
        name: 'order.sandbox-reports',
        everyMinutes: 1,
        dueTimes: { next: () => books.nextReportMs(), changed },
        run: deliverReports({ ...deps, books }),
      },
    ],
  };
}

/** Whoever asks again after all was reported is told the end, as the first time where it was known at once. */
function answerOf({ ref, status, reportsLeft }: SandboxPayment, url: string): BeginAnswer {
  if (status === 'PENDING' || reportsLeft > 0) return { kind: 'PENDING', providerRef: ref, url };
  if (status === 'APPROVED') return { kind: 'COMPLETED', providerRef: ref };
  return { kind: 'DECLINED', providerRef: ref, reason: DECLINED };
}

function atBegin(behaviour: SandboxBehaviour, nowMs: number): Verdict {
  switch (behaviour.kind) {
    case 'PAGE':
      return { status: 'PENDING', reports: 0, reportAtMs: Infinity };
    case 'APPROVE':
    case 'DECLINE':
      return { ...verdictOf(behaviour, nowMs), reports: 0, reportAtMs: Infinity };
    case 'APPROVE_LATER':
    case 'APPROVE_TWICE':
      return verdictOf(behaviour, nowMs);
  }
}

function verdictOf(choice: SandboxChoice, nowMs: number): Verdict {
  const reportAtMs = choice.kind === 'APPROVE_LATER' ? nowMs + choice.afterMs : nowMs;
  const status = choice.kind === 'DECLINE' ? 'DECLINED' : 'APPROVED';
  return { status, reports: choice.kind === 'APPROVE_TWICE' ? 2 : 1, reportAtMs };
}
