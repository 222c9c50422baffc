/** What an order did. Each has one effect, in either order and however often it is reported. */
export type EarningCommand =
  | {
      readonly kind: 'ORDER_PAID';
      readonly userId: bigint;
      readonly orderId: string;
      readonly money: bigint;
      readonly rateBp: bigint;
      readonly availableAtMs: number;
    }
  /** `refunded`: the money so far. */
  | {
      readonly kind: 'ORDER_REFUNDED';
      readonly userId: bigint;
      readonly orderId: string;
      readonly refunded: bigint;
    };
