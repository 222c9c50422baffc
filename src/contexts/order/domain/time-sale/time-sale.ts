import type { Announced, TimeSaleStatus } from '../enumerations.ts';

/** A part of a product's stock that is sold at a lower price for a limited time. quantity = stock + reserved + sold + returned. */
export interface TimeSale {
  readonly id: bigint;
  readonly productId: bigint;
  readonly salePrice: bigint;
  readonly quantity: number;
  /** Units that can be sold. */
  readonly stock: number;
  /** Units in unpaid orders. */
  readonly reserved: number;
  /** Units that are paid and not refunded. */
  readonly sold: number;
  /** Units that were returned to the product at the end and after it. */
  readonly returned: number;
  /** How often it was sold out and got units back: which state of the sale a fact in Redis is about. */
  readonly restocks: number;
  readonly limitPerUser: number;
  /** The highest limit that it ever had: users who bought under it keep their units. */
  readonly limitHighest: number;
  readonly startsAtMs: number;
  /** Exclusive: at this time the sale is over. */
  readonly endsAtMs: number;
  /** Which of its times have been published. Decisions use the clock instead: see `timeSaleStatus`. */
  readonly announced: Announced;
  readonly createdBy: bigint;
  readonly createdAtMs: number;
}

export function timeSaleStatus(
  { startsAtMs, endsAtMs, stock }: Pick<TimeSale, 'startsAtMs' | 'endsAtMs' | 'stock'>,
  nowMs: number,
): TimeSaleStatus {
  if (nowMs < startsAtMs) return 'SCHEDULED';
  if (nowMs >= endsAtMs) return 'ENDED';
  return stock > 0 ? 'ACTIVE' : 'SOLD_OUT';
}

/** Returned units then go to the product. A sale whose end was published stays over, whatever the clock shows. */
export const isOver = ({ endsAtMs, announced }: Pick<TimeSale, 'endsAtMs' | 'announced'>, nowMs: number): boolean =>
  announced === 'ENDED' || nowMs >= endsAtMs;
