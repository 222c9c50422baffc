import type pg from 'pg';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';

export interface SandboxPayment {
  readonly ref: string;
  readonly paymentId: bigint;
  readonly orderId: bigint;
  readonly amount: bigint;
  readonly status: 'PENDING' | 'APPROVED' | 'DECLINED';
  readonly reportsLeft: number;
}

/** What happens to a payment. Infinity: its status is returned at once and not reported. */
export interface Verdict {
  readonly status: SandboxPayment['status'];
  readonly reports: number;
  readonly reportAtMs: number;
}

/** A report that this node must deliver now. */
export interface DueReport extends SandboxPayment {
  /** Includes this attempt. */
  readonly attempts: number;
}

export interface SandboxStore {
  /** Returns the existing payment when it was opened before. */
  open(
    payment: Pick<SandboxPayment, 'ref' | 'paymentId' | 'orderId' | 'amount'>,
    verdict: Verdict,
    nowMs: number,
  ): Promise<SandboxPayment>;
  /** `currency` is that of the order; undefined: the payment charges points. */
  find(ref: string): Promise<(SandboxPayment & { readonly currency: string | undefined }) | undefined>;
  /** Changes nothing when the payment was decided before. */
  decide(ref: string, verdict: Verdict): Promise<void>;
  /** Idempotent by refundId. Rejects when the refunds would exceed the payment. */
  refund(refund: RefundRequest, nowMs: number): Promise<void>;
  /** Takes reports that are due. Other nodes do not get them within `leaseMs`. */
  take(nowMs: number, leaseMs: number, limit: number): Promise<readonly DueReport[]>;
  delivered(ref: string, nowMs: number): Promise<void>;
  /** @param retryAtMs undefined: no retry */
  failed(ref: string, retryAtMs: number | undefined): Promise<void>;
  nextReportMs(): Promise<number | undefined>;
}

interface RefundRequest {
  readonly refundId: bigint;
  readonly paymentId: bigint;
  readonly amount: bigint;
}

const COLUMNS = `
  ref, payment_id as "paymentId", order_id as "orderId", amount, status, reports_left as "reportsLeft"`;
const OPEN = `
  insert into orders.sandbox_payments
    (ref, payment_id, order_id, amount, status, reports_left, report_at, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (payment_id) do nothing`;
const BY_PAYMENT = `select ${COLUMNS} from orders.sandbox_payments where payment_id = $1`;
/** The order has its currency, which may no longer be that of the shop. */
const BY_REF = `
  select ${COLUMNS}, (select currency from orders.orders where id = order_id) as currency
  from orders.sandbox_payments where ref = $1`;
const DECIDE = `
  update orders.sandbox_payments set status = $2, reports_left = $3, report_at = $4
  where ref = $1 and status = 'PENDING'`;
const TAKE = `
  update orders.sandbox_payments set report_at = $2, attempts = attempts + 1
  where ref in (
    select ref from orders.sandbox_payments where report_at <= $1 order by report_at limit $3 for update skip locked)
  returning ${COLUMNS}, attempts`;
const DELIVERED = `
  update orders.sandbox_payments set reports_left = reports_left - 1, attempts = 0,
    report_at = case when reports_left > 1 then $2::timestamptz end
  where ref = $1 and reports_left > 0`;
const FAILED = `
  update orders.sandbox_payments set report_at = $2, reports_left = case when $2::timestamptz is null then 0 else reports_left end
  where ref = $1`;
const NEXT = 'select min(report_at) as at from orders.sandbox_payments where report_at is not null';
const LOCK_PAID = `
  select ref, amount from orders.sandbox_payments where payment_id = $1 and status = 'APPROVED' for update`;
const GIVEN_BACK = `
  select coalesce(sum(amount), 0)::bigint as amount, coalesce(bool_or(refund_id = $2), false) as known
  from orders.sandbox_refunds where ref = $1`;
const REFUND = 'insert into orders.sandbox_refunds (refund_id, ref, amount, created_at) values ($1, $2, $3, $4)';

const instant = (ms: number): Date | null => (ms === Infinity ? null : new Date(ms));

export function sandboxStore(pool: pg.Pool): SandboxStore {
  return {
    async open({ ref, paymentId, orderId, amount }, { status, reports, reportAtMs }, nowMs) {
      const row = [ref, paymentId, orderId, amount, status, reports, instant(reportAtMs), new Date(nowMs)];
      await pool.query(OPEN, row);
      const [opened] = (await pool.query<SandboxPayment>(BY_PAYMENT, [paymentId])).rows;
      if (opened === undefined) throw new Error(`the sandbox lost payment ${paymentId}`);
      return opened;
    },
    async find(ref) {
      const { rows } = await pool.query<SandboxPayment & { readonly currency: string | null }>(BY_REF, [ref]);
      return rows[0] && { ...rows[0], currency: rows[0].currency ?? undefined };
    },
    async decide(ref, { status, reports, reportAtMs }) {
      await pool.query(DECIDE, [ref, status, reports, instant(reportAtMs)]);
    },
    async refund({ refundId, paymentId, amount }, nowMs) {
      await inTransaction(pool, async (client) => {
        const paid = (await client.query<{ ref: string; amount: bigint }>(LOCK_PAID, [paymentId])).rows[0];
        // Paid in another way, for example by an event: the sandbox has no money to return.
        if (paid === undefined) return;
        const { rows } = await client.query<{ amount: bigint; known: boolean }>(GIVEN_BACK, [paid.ref, refundId]);
        const before = rows[0] ?? { amount: 0n, known: false };
        if (before.known) return;
        if (before.amount + amount > paid.amount) {
          throw new Error(`refund ${refundId} exceeds the rest of payment ${paymentId}`);
        }
        await client.query(REFUND, [refundId, paid.ref, amount, new Date(nowMs)]);
      });
    },
    async take(nowMs, leaseMs, limit) {
      return (await pool.query<DueReport>(TAKE, [new Date(nowMs), new Date(nowMs + leaseMs), limit])).rows;
    },
    async delivered(ref, nowMs) {
      await pool.query(DELIVERED, [ref, new Date(nowMs)]);
    },
    async failed(ref, retryAtMs) {
      await pool.query(FAILED, [ref, instant(retryAtMs ?? Infinity)]);
    },
    async nextReportMs() {
      return (await pool.query<{ at: Date | null }>(NEXT)).rows[0]?.at?.getTime();
    },
  };
}
