import type { Transaction } from './transaction.ts';

/** What may be asked of a user's points. */
export type PointCommand = KeyedCommand | OrderCommand | CancelCommand | ExpireCommand;

/** Has its effect once for a key, and is answered the same when it is asked again, refusals included. */
interface Keyed {
  readonly userId: bigint;
  readonly key: string;
  /** Of everything that was asked: the same key with another one is refused. */
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

/** Has its effect once for an order. */
export type OrderCommand =
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

/** Has its effect once for the transaction that it reverses. */
export interface CancelCommand {
  readonly kind: 'CANCEL';
  readonly userId: bigint;
  readonly source: Pick<Transaction, 'id' | 'amount' | 'orderId'> & { readonly type: 'CHARGE' | 'EARN' | 'USE' };
  readonly reason: string | null;
  readonly by: string;
  /** Lots that points go back to then live for 7 more days at least. */
  readonly prolongs: boolean;
}

/** What the clock brings. Harmless when it comes too early, too late or twice. */
export interface ExpireCommand {
  readonly kind: 'EXPIRE';
  readonly userId: bigint;
  readonly lotIds: readonly bigint[];
}

/** The keys of transactions. Each kind has a space of its own, so that nobody's key meets an order's. */
export const keys = {
  given: (key: string): string => `key:${key}`,
  cancel: (transactionId: bigint): string => `cancel:${transactionId}`,
  order: (step: 'HOLD' | 'RELEASE' | 'CAPTURE', orderId: string): string => `${step.toLowerCase()}:${orderId}`,
  refund: (orderId: string, refundId: string): string => `refund:${JSON.stringify([orderId, refundId])}`,
};

/** The keys whose transactions a command has to know before it is decided. */
export function keyOf(command: PointCommand): string | undefined {
  switch (command.kind) {
    case 'CHARGE':
    case 'EARN':
    case 'USE':
    case 'ADJUST':
      return command.key;
    case 'CANCEL':
      return keys.cancel(command.source.id);
    case 'REFUND':
      return keys.refund(command.orderId, command.refundId);
    default:
      return undefined;
  }
}

/** What a command may take from the user's spendable lots. */
export function needOf(command: PointCommand): bigint {
  if (command.kind === 'USE' || command.kind === 'HOLD' || command.kind === 'SPEND') return command.amount;
  return command.kind === 'ADJUST' && command.amount < 0n ? -command.amount : 0n;
}
