/** The points that an order holds or has spent. */
export interface Hold {
  readonly userId: bigint;
  readonly orderId: string;
  /** 0 when it was released before it was held. */
  readonly amount: bigint;
  /** The transaction that took the points: HOLD, or CAPTURE when they were spent at once; null when none did. */
  readonly transactionId: bigint | null;
  readonly state: HoldState;
}

export type HoldState =
  | { readonly status: 'HELD' }
  | { readonly status: 'RELEASED' }
  /** `refunded`: the amount that was returned. */
  | { readonly status: 'CAPTURED'; readonly refunded: bigint };
