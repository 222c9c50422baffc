import type { ChargeCommand } from './charges/charge-command.ts';
import type { EarningCommand } from './earnings/earning-command.ts';
import type { Transaction } from './postings/transaction.ts';

/** A change of a user's points. */
export type PointCommand = KeyedCommand | HoldCommand | CancelCommand | ExpireCommand | ChargeCommand | EarningCommand;

/** Has one effect for its key; a repeat gets the same outcome, also a final refusal. */
interface Keyed {
  readonly userId: bigint;
  readonly key: string;
  /** Hash of the whole command: the same key with another hash is refused. */
  readonly contentHash: string;
}

export type KeyedCommand =
  | (Keyed & { readonly kind: 'CHARGE'; readonly amount: bigint })
  | (Keyed & {
      readonly kind: 'EARN';
      readonly amount: bigint;
      readonly reason: string;
      readonly by: string;
      /** Null: at once. */
      readonly availableAtMs: number | null;
      /** Infinity = never. */
      readonly expiresAtMs: number;
    })
  | (Keyed & { readonly kind: 'USE'; readonly amount: bigint; readonly orderId: string | null })
  /** The amount is below 0 when points are taken away. */
  | (Keyed & { readonly kind: 'ADJUST'; readonly amount: bigint; readonly reason: string; readonly by: string });

/** Has one effect for its order. */
export type HoldCommand =
  | { readonly kind: 'HOLD'; readonly userId: bigint; readonly orderId: string; readonly amount: bigint }
  | { readonly kind: 'SPEND'; readonly userId: bigint; readonly orderId: string; readonly amount: bigint }
  | { readonly kind: 'RELEASE'; readonly userId: bigint; readonly orderId: string }
  | { readonly kind: 'CAPTURE'; readonly userId: bigint; readonly orderId: string }
  | {
      readonly kind: 'REFUND';
      readonly userId: bigint;
      readonly orderId: string;
      readonly refundId: string;
      readonly amount: bigint;
    };

/** Has one effect for the transaction that it reverses. */
export interface CancelCommand {
  readonly kind: 'CANCEL';
  readonly userId: bigint;
  readonly source: Pick<Transaction, 'id' | 'amount' | 'receivable' | 'orderId'> & {
    readonly type: 'CHARGE' | 'EARN' | 'USE';
    /** The charge whose money goes back with the points. */
    readonly chargeId?: bigint | undefined;
  };
  readonly reason: string | null;
  readonly by: string;
  /** The lots that get points back then expire at the earliest in 7 days. */
  readonly prolongs: boolean;
}

/** Empties expired lots. Has no wrong effect when it arrives too early, too late or twice. */
export interface ExpireCommand {
  readonly kind: 'EXPIRE';
  readonly userId: bigint;
  readonly lotIds: readonly bigint[];
}

const PAID = 'paid:';
const ORDER_EARNED = 'order-earned:';

/** The keys of transactions. Each kind has its own prefix, so that the key of a user never equals that of an order. */
export const keys = {
  given: (key: string): string => `key:${key}`,
  /** The points of a charge that was paid for. */
  paid: (chargeId: bigint): string => `${PAID}${chargeId}`,
  /** The points that were earned with an order, and those that its refunds take back. */
  orderEarned: (orderId: string): string => `${ORDER_EARNED}${orderId}`,
  orderTakenBack: (orderId: string, refunded: bigint): string =>
    `order-taken:${JSON.stringify([orderId, `${refunded}`])}`,
  cancel: (transactionId: bigint): string => `cancel:${transactionId}`,
  order: (step: 'HOLD' | 'RELEASE' | 'CAPTURE', orderId: string): string => `${step.toLowerCase()}:${orderId}`,
  refund: (orderId: string, refundId: string): string => `refund:${JSON.stringify([orderId, refundId])}`,
};

/** Returns the charge that was paid for the points of a transaction; undefined when there is none. */
export const chargeIdIn = ({ key }: Pick<Transaction, 'key'>): bigint | undefined =>
  key?.startsWith(PAID) ? BigInt(key.slice(PAID.length)) : undefined;

/** Whether the points were earned with an order, whose refund takes them back. */
export const isOrderEarned = ({ key }: Pick<Transaction, 'key'>): boolean => key?.startsWith(ORDER_EARNED) ?? false;

/** Returns the key whose transaction must be loaded before the command is decided. */
export function keyOf(command: PointCommand): string | undefined {
  switch (command.kind) {
    case 'CHARGE':
    case 'EARN':
    case 'USE':
    case 'ADJUST':
    case 'OPEN_CHARGE':
      return command.key;
    case 'CANCEL':
      return keys.cancel(command.source.id);
    case 'REFUND':
      return keys.refund(command.orderId, command.refundId);
    default:
      return undefined;
  }
}

/** Returns the amount that a command may take from the user's spendable lots. */
export function needOf(command: PointCommand): bigint {
  if (command.kind === 'USE' || command.kind === 'HOLD' || command.kind === 'SPEND') return command.amount;
  return command.kind === 'ADJUST' && command.amount < 0n ? -command.amount : 0n;
}
