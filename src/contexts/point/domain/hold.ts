/** What an order has of a user's points. */
export interface Hold {
  readonly userId: bigint;
  readonly orderId: string;
  /** 0 when it was released before it was held. */
  readonly amount: bigint;
  /** The HOLD transaction; null when there was none. */
  readonly transactionId: bigint | null;
  readonly state: HoldState;
}

export type HoldState =
  | { readonly status: 'HELD' }
  | { readonly status: 'RELEASED' }
  /** `refunded`: how much of it went back. */
  | { readonly status: 'CAPTURED'; readonly refunded: bigint };
