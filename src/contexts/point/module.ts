import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import { BATCH_MAX } from '../../platform/batching/batcher.ts';
import { batcherMetrics } from '../../platform/batching/batcher-observer.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import { createNotifier } from '../../platform/kernel/notifier.ts';
import { DEFAULT_SHOP } from '../../platform/kernel/shop.ts';
import { stepsTimeout } from '../../platform/kernel/steps-timeout.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import { outageLog } from '../../platform/telemetry/outage-log.ts';
import { NO_PROVIDER, type PaymentProvider } from '../payment/api.ts';
import { pointAudits } from './adapters/postgres/audits/audits.ts';
import { pointEventAudit } from './adapters/postgres/audits/event-audit.ts';
import { postgresChargeReader } from './adapters/postgres/charge-reader.ts';
import { postgresEarningReader } from './adapters/postgres/earning-reader.ts';
import { postgresExpiryStore } from './adapters/postgres/expiry-store.ts';
import { postgresLedgerReader } from './adapters/postgres/ledger-reader.ts';
import { postgresLedgerStore } from './adapters/postgres/ledger-store.ts';
import { POINT_REFUSALS, type PointService } from './api.ts';
import { getCharge } from './application/charges/get-charge.ts';
import { reportCharge } from './application/charges/report-charge.ts';
import { startCharge } from './application/charges/start-charge.ts';
import { EARNINGS_CONSUMER, ORDER_TOPICS, onOrder } from './application/earnings/on-order.ts';
import { captureHold } from './application/holds/capture-hold.ts';
import { holdPoints } from './application/holds/hold-points.ts';
import { refundCapture } from './application/holds/refund-capture.ts';
import { releaseHold } from './application/holds/release-hold.ts';
import { spendPoints } from './application/holds/spend-points.ts';
import { expiringEvents, pointEvents } from './application/point-events.ts';
import { pointLedger } from './application/point-ledger.ts';
import { adjustPoints } from './application/postings/adjust-points.ts';
import { cancelTransaction } from './application/postings/cancel-transaction.ts';
import { chargePoints } from './application/postings/charge-points.ts';
import { earnPoints } from './application/postings/earn-points.ts';
import { usePoints } from './application/postings/use-points.ts';
import { getBalance } from './application/queries/get-balance.ts';
import { listHistory } from './application/queries/list-history.ts';
import { announceExpiry } from './application/scheduled/announce-expiry.ts';
import { expireLots } from './application/scheduled/expire-lots.ts';
import { forgetRefusals } from './application/scheduled/forget-refusals.ts';
import { resumeCharges } from './application/scheduled/resume-charges.ts';
import { POINT_EVENTS } from './events.ts';

/** The default of the largest balance after a charge. */
export const BALANCE_MAX = 1_000_000n;

export interface PointOptions {
  /** The largest number of commands in a batch; 1 turns batching off, for measurements. */
  readonly batchMax?: number;
  readonly balanceMax?: bigint;
  /** ISO 4217, of new charges. Default: KRW. */
  readonly currency?: string;
  /** What orders earn, in basis points of what was paid in money. Default 0: nothing. */
  readonly earnRateBp?: bigint;
  /** How many days after the payment those points are available. Default 7. */
  readonly earnDelayDays?: number;
  /** Takes the payments of charges. Without it customers cannot charge. */
  readonly provider?: PaymentProvider | undefined;
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents?: () => void;
}

/** Each states in app/shards/shard-bus.ts which shards handle an event. */
export type PointConsumer = typeof EARNINGS_CONSUMER;

export const pointContext = {
  name: 'point',
  schema: 'point',
  contract: async () => (await import('../../gen/wire/stampede/point/v1/point.ts')).PointServiceDefinition,
  refusals: POINT_REFUSALS,
  publishes: POINT_EVENTS,
  alsoPublishes: [AUDIT_TOPIC],
  consumes: () => ORDER_TOPICS,
  audits: [...pointAudits, pointEventAudit],
  create: (kit) => createPoint(kit, kit),
} as const satisfies Context<ContextDeps & PointOptions, unknown, ContextModule<PointService>>;

export function createPoint(deps: ContextDeps<PointConsumer>, options: PointOptions = {}): ContextModule<PointService> {
  const { database, bus, clock, nextId, metrics, log } = deps;
  const { batchMax = BATCH_MAX, balanceMax = BALANCE_MAX, provider, onEvents = () => {} } = options;
  const { earnRateBp: rateBp = 0n, earnDelayDays: delayDays = 7, currency = DEFAULT_SHOP.currency } = options;
  const reader = postgresLedgerReader(database);
  const expiry = postgresExpiryStore({ database, nextId, eventsOf: expiringEvents, onEvents });
  const ledger = pointLedger({
    storeFor: (batcher, concurrency) =>
      postgresLedgerStore({
        database: database.forBatcher(batcher, concurrency),
        nextId,
        eventsOf: pointEvents,
        onEvents,
      }),
    clock,
    nextId,
    balanceMax,
    classify: classifyFailure,
    observer: batcherMetrics(metrics),
    batchMax,
  });
  const earnings = onOrder({ ledger, reader: postgresEarningReader(database), rateBp, delayDays });
  bus.subscribe(EARNINGS_CONSUMER, ORDER_TOPICS, earnings);
  const charges = postgresChargeReader(database);
  const changed = createNotifier();
  const onRefund = () => changed.notify();
  const message = 'the provider failed for a charge and will be called again';
  const failedSteps = outageLog({ log, subject: 'chargeId', message });
  const paying = {
    ledger,
    onStepFailure: (error: unknown, chargeId: bigint) => failedSteps.failed(error, { chargeId: String(chargeId) }),
    withTimeout: stepsTimeout(),
  };
  return {
    api: {
      startCharge: startCharge({ ...paying, provider, currency }),
      getCharge: getCharge(charges),
      reportCharge: reportCharge({ ledger, reader: charges, onRefund }),
      chargePoints: chargePoints(ledger),
      earnPoints: earnPoints(ledger),
      usePoints: usePoints(ledger),
      holdPoints: holdPoints(ledger),
      releaseHold: releaseHold(ledger),
      spendPoints: spendPoints(ledger),
      captureHold: captureHold(ledger),
      refundCapture: refundCapture(ledger),
      cancelTransaction: cancelTransaction(reader, ledger, onRefund),
      adjustPoints: adjustPoints(ledger),
      getBalance: getBalance(reader, clock),
      listHistory: listHistory(reader),
    },
    jobs: [
      resumeCharges({
        ...paying,
        provider: provider ?? NO_PROVIDER,
        reader: charges,
        now: database.readTime,
        changed,
      }),
      { name: 'point.expire', everyMinutes: 1, run: expireLots(expiry, ledger, database.readTime) },
      { name: 'point.announce-expiry', everyMinutes: 60, run: announceExpiry(expiry, database.readTime) },
      { name: 'point.forget-refusals', everyMinutes: 60, run: forgetRefusals(expiry, database.readTime) },
    ],
    stop: () => ledger.stop(),
  };
}
