import { randomBytes } from 'node:crypto';
import type { ScheduledTask } from '../../../../platform/context.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { createNotifier } from '../../../../platform/kernel/notifier.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { PaymentBegun, PaymentProvider } from '../../../payment/api.ts';
import { DECLINED, deliverReports, type ReportDeps } from './deliver-reports.ts';
import { type SandboxPayment, type SandboxStore, sandboxStore, type Verdict } from './sandbox-store.ts';

/** The outcome of a payment: chosen on its page by anyone with the URL, or configured for all payments. */
export type SandboxChoice =
  | { readonly kind: 'APPROVE' | 'DECLINE' | 'APPROVE_TWICE' }
  | { readonly kind: 'APPROVE_LATER'; readonly afterMs: number };
/** PAGE: the payment waits until an outcome is chosen on its page. */
export type SandboxBehaviour = SandboxChoice | { readonly kind: 'PAGE' };

/** A payment as its page shows it. */
export interface SandboxPage {
  readonly orderId: bigint;
  readonly amount: bigint;
  /** ISO 4217, that of its order. Undefined: it charges points, which have none. */
  readonly currency: string | undefined;
  readonly status: SandboxPayment['status'];
  /** Whether all reports were delivered. */
  readonly isReported: boolean;
}

export interface SandboxProvider {
  readonly provider: PaymentProvider;
  /** Returns undefined when the payment does not exist. */
  find(ref: string): Promise<SandboxPage | undefined>;
  /** The first choice counts. */
  choose(ref: string, choice: SandboxChoice): Promise<void>;
  readonly jobs: readonly ScheduledTask[];
}

export interface SandboxDeps extends Omit<ReportDeps, 'store'> {
  readonly database: Pick<Database, 'pool'>;
  readonly clock: Clock;
  readonly behaviour: SandboxBehaviour;
  /** The base URL of this server for customers. Default: `ownUrl`. */
  readonly publicUrl?: string | undefined;
}

const REF_BYTES = 24;

/**
 * A payment provider for development and demonstrations. Like an external one, it has its own data, a page where the customer pays, and
 * signed webhooks over HTTP. No money moves.
 */
export function sandboxProvider(deps: SandboxDeps): SandboxProvider {
  const { clock, behaviour, ownUrl, publicUrl } = deps;
  const store: SandboxStore = sandboxStore(deps.database.pool);
  const changed = createNotifier();
  return {
    provider: {
      async begin({ paymentId, orderId, amount }) {
        const nowMs = clock();
        const ref = randomBytes(REF_BYTES).toString('base64url');
        const verdict = atBegin(behaviour, nowMs);
        const payment = await store.open({ ref, paymentId, orderId, amount }, verdict, nowMs);
        if (verdict.reports > 0) changed.notify();
        return toPaymentBegun(payment, `${publicUrl ?? ownUrl()}/sandbox/payments/${payment.ref}`);
      },
      refund: (refund) => store.refund(refund, clock()),
    },
    async find(ref) {
      const payment = await store.find(ref);
      return payment && { ...payment, isReported: payment.reportsLeft === 0 };
    },
    async choose(ref, choice) {
      await store.decide(ref, verdictOf(choice, clock()));
      changed.notify();
    },
    jobs: [
      {
        name: 'order.sandbox-reports',
        everyMinutes: 1,
        dueTimes: { next: () => store.nextReportMs(), changed },
        run: deliverReports({ ...deps, store }),
      },
    ],
  };
}

/** A repeat of `begin` returns the outcome once it was reported, or at once when the first call returned it. */
function toPaymentBegun({ ref, status, reportsLeft }: SandboxPayment, url: string): PaymentBegun {
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
