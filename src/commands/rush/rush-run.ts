import { UsageError } from '../../platform/kernel/start-error.ts';
import { checkoutRush } from './checkout/checkout-rush.ts';
import { couponRush } from './coupon/coupon-rush.ts';
import { type RunOptions, runRush } from './run-rush.ts';
import { timeSaleRush } from './timesale/time-sale-rush.ts';

/**
 * `connections` 512 by default: enough that a batch of 256 fills while the one before it commits, and below what a default
 * limit of 1,024 open files allows on either side. `url`: address of a node, with JWT_SECRET and DATABASE_URL in the
 * environment; without it, run.json of the data directory.
 */
export interface RushOptions extends RunOptions {
  readonly kind: 'coupon' | 'timesale' | 'checkout';
  /** Distinct users. */
  readonly users?: number;
  /** How many there are, for kind coupon. */
  readonly coupons?: number;
  /** Of the time sale, for kind timesale. */
  readonly units?: number;
}

const CROWD = 100_000;
/** Each of them sends two requests, after some to get ready. */
const CHECKOUTS = 20_000;
const FEW = 10_000;

/** The rushes by name. Returns the exit code: 1 when a check fails. */
export async function run({ kind, users, coupons, units, ...options }: RushOptions): Promise<number> {
  if (coupons !== undefined && kind !== 'coupon') throw new UsageError('--coupons is for --kind coupon.');
  if (units !== undefined && kind !== 'timesale') throw new UsageError('--units is for --kind timesale.');
  switch (kind) {
    case 'coupon':
      return runRush(kind, options, couponRush(users ?? CROWD, coupons ?? FEW));
    case 'timesale':
      return runRush(kind, options, timeSaleRush(users ?? CROWD, units ?? FEW));
    case 'checkout':
      return runRush(kind, options, checkoutRush(users ?? CHECKOUTS));
  }
}
