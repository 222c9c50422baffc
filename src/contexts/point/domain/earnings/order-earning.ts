import { portion } from '../../../../platform/kernel/money.ts';

/** The points that a user has earned with an order. */
export interface OrderEarning {
  readonly userId: bigint;
  readonly orderId: string;
  /** Null until it is known that the order was paid: its refund may be reported first. */
  readonly paid: { readonly money: bigint; readonly rateBp: bigint } | null;
  /** The money that was refunded so far. */
  readonly refunded: bigint;
  /** The transaction that gave the points; null when there were none to give. */
  readonly transactionId: bigint | null;
  readonly earned: bigint;
  /** How many of them were taken back. */
  readonly taken: bigint;
  /** Changes with each write, so that a lost COMMIT can be looked up. */
  readonly revision: bigint;
}

/** The points for the money that the shop keeps, rounded down. */
export function dueFor({ paid, refunded }: Pick<OrderEarning, 'paid' | 'refunded'>): bigint {
  if (paid === null || refunded >= paid.money) return 0n;
  return portion(paid.money - refunded, paid.rateBp);
}
