import { setTimeout as delay } from 'node:timers/promises';
import type { CouponService, ReservationResponse } from '../../contexts/coupon/api.ts';
import { refusalOfHolds, uncountedMaxOf } from '../../contexts/coupon/domain/lifecycle/reserve.ts';
import { NotSupported, refusalIn, toRefusalResponse, Unavailable } from '../../platform/kernel/refusal.ts';

type Reserve = Parameters<CouponService['reserveCoupon']>[0];
type Counting = Pick<CouponService, 'countReservations' | 'endReservationCount'>;

/** Counts that begin at the same time in several processes. Each makes the older ones begin again. */
const ATTEMPTS = 8;
const PAUSE_MS = 10;
const RANDOM_BITS = 20n;

/**
 * Reserves coupons within the limit of a user over all shards. A shard makes the first reservations of a user alone, and after so many that all
 * shards together could exceed the limit it refuses with RESERVATIONS_NOT_COUNTED. Then the user's reservations are counted in every shard,
 * which from then on makes only the reservation with the token of the newest count.
 */
export function countedReservations(shards: readonly Counting[]) {
  const waiting = new Map<bigint, Promise<unknown>>();

  /** Requests of one user count one after the other, so that they do not replace the counts of each other. */
  async function oneAfterAnother<Result>(userId: bigint, run: () => Promise<Result>): Promise<Result> {
    const previous = waiting.get(userId);
    const own = (async () => {
      await previous;
      return await run();
    })();
    const settled = own.catch(() => {});
    waiting.set(userId, settled);
    try {
      return await own;
    } finally {
      if (waiting.get(userId) === settled) waiting.delete(userId);
    }
  }

  /** @throws Unavailable when other counts of the user go on beginning, and what a shard throws that is away */
  async function reserveCounted(
    request: Reserve,
    send: (request: Reserve) => Promise<ReservationResponse>,
  ): Promise<ReservationResponse> {
    const { userId } = request;
    let newest = 0n;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await delay(Math.random() * PAUSE_MS * 2 ** attempt);
      const token = nextToken(newest);
      const counts = await Promise.all(shards.map((shard) => countIn(shard, userId, token)));
      for (const count of counts) if (count.newest > newest) newest = count.newest;
      if (newest !== token) continue;
      const pending = counts.reduce((total, count) => total + count.pending, 0);
      const refusal = refusalOfHolds(pending);
      // The shard returns the reservation of a request that it has made before.
      if (refusal !== undefined) return toRefusalResponse(refusal);
      const fewEverywhere = counts.every((count) => count.pending < uncountedMaxOf(shards.length));
      if (fewEverywhere) await Promise.all(shards.map((shard) => endIn(shard, userId, token)));
      const response = await send(fewEverywhere ? request : { ...request, countToken: token });
      if (!isNotCounted(response)) return response;
    }
    throw new Unavailable('OVERLOADED', 'other reservations of this user are being counted');
  }

  return async (
    request: Reserve,
    send: (request: Reserve) => Promise<ReservationResponse>,
  ): Promise<ReservationResponse> => {
    const response = await send(request);
    if (!isNotCounted(response)) return response;
    return await oneAfterAnother(request.userId, () => reserveCounted(request, send));
  };
}

const isNotCounted = (response: ReservationResponse): boolean =>
  refusalIn(response)?.code === 'RESERVATIONS_NOT_COUNTED';

/** Newer than `newest`, and of no other count. Two that are equal could not both begin in every shard. */
function nextToken(newest: bigint): bigint {
  const random = BigInt(Math.floor(Math.random() * 2 ** Number(RANDOM_BITS)));
  const now = BigInt(Date.now());
  const after = (newest >> RANDOM_BITS) + 1n;
  return ((now > after ? now : after) << RANDOM_BITS) | random;
}

/** A shard of an earlier version does not count: during an upgrade its reservations are left out. */
async function countIn(
  { countReservations }: Counting,
  userId: bigint,
  token: bigint,
): Promise<{ readonly newest: bigint; readonly pending: number }> {
  try {
    return await countReservations({ userId, token });
  } catch (error) {
    if (error instanceof NotSupported) return { newest: token, pending: 0 };
    throw error;
  }
}

async function endIn({ endReservationCount }: Counting, userId: bigint, token: bigint): Promise<void> {
  try {
    await endReservationCount({ userId, token });
  } catch (error) {
    if (!(error instanceof NotSupported)) throw error;
  }
}
