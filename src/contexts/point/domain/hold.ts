/** What an order has of a user's points. */
export interface Hold {
  readonly userId: bigint;
  readonly orderId: string;
  /** 0 when it was released before it was held. */
  readonly amount: bigint;
  /** The one that took the points, HOLD or, when they were spent at once, CAPTURE; null when none did. */
  readonly transactionId: bigint | null;
  readonly state: HoldState;
}

export type HoldState =
  | { readonly status: 'HELD' }
  | { readonly status: 'RELEASED' }
  /** `refunded`: how much of it went back. */
  | { readonly status: 'CAPTURED'; readonly refunded: bigint };
