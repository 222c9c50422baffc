import type { PlaceCommand } from './input.ts';

/** A request to place an order. What it leaves out is undefined. */
interface Requested {
  readonly items: readonly RequestedItem[];
  readonly couponId?: bigint | undefined;
  readonly usePoints: bigint;
  readonly expectedTotal?: bigint | undefined;
}
interface RequestedItem {
  readonly productId: bigint;
  readonly timeSaleId?: bigint | undefined;
  readonly quantity: number;
}
type Placement = Omit<PlaceCommand, 'kind' | 'userId' | 'key' | 'contentHash'>;

/**
 * Returns what a request to place an order asks for, with null for what it leaves out. The order and the comparison of a repeat take their fields from
 * here, so that no field is ordered without being compared. Stored hashes have the fields in this order.
 */
export const placementOf = ({ items, couponId, usePoints, expectedTotal }: Requested): Placement => ({
  items: items.map(({ productId, timeSaleId, quantity }) => ({ productId, timeSaleId: timeSaleId ?? null, quantity })),
  couponId: couponId ?? null,
  usePoints,
  expectedTotal: expectedTotal ?? null,
});
