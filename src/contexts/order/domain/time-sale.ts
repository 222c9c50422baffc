/** A part of a product's stock, sold at a lower price for a time. quantity = stock + reserved + sold + returned. */
export interface TimeSale {
  readonly id: bigint;
  readonly productId: bigint;
  readonly salePrice: bigint;
  readonly quantity: number;
  /** Free to be sold. */
  readonly stock: number;
  /** In orders that are not paid yet. */
  readonly reserved: number;
  /** Paid for and not refunded. */
  readonly sold: number;
  /** Gone back to the product after the end. */
  readonly returned: number;
  /** How often it had nothing left and got units back: only then can somebody order who has not ordered before. */
  readonly restocks: number;
  readonly limitPerUser: number;
  readonly startsAtMs: number;
  /** The first moment at which it is over. */
  readonly endsAtMs: number;
  /** How far it is written down. Decisions go by the clock: see `timeSaleStatus`. */
  readonly announced: 'SCHEDULED' | 'STARTED' | 'ENDED';
  readonly createdBy: bigint;
  readonly createdAtMs: number;
}

export type TimeSaleStatus = 'SCHEDULED' | 'ACTIVE' | 'SOLD_OUT' | 'ENDED';

export function timeSaleStatus(
  { startsAtMs, endsAtMs, stock }: Pick<TimeSale, 'startsAtMs' | 'endsAtMs' | 'stock'>,
  nowMs: number,
): TimeSaleStatus {
  if (nowMs < startsAtMs) return 'SCHEDULED';
  if (nowMs >= endsAtMs) return 'ENDED';
  return stock > 0 ? 'ACTIVE' : 'SOLD_OUT';
}

/** Units that come back to it now go to the product. Once its end is written down, no clock brings it back. */
export const isOver = ({ endsAtMs, announced }: Pick<TimeSale, 'endsAtMs' | 'announced'>, nowMs: number): boolean =>
  announced === 'ENDED' || nowMs >= endsAtMs;
