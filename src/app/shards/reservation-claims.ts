import type {
  CouponResponse,
  CouponService,
  DirectoryService,
  NameHolder,
  ReservationResponse,
} from '../../contexts/coupon/api.ts';
import { SEVERAL_USERS } from '../../contexts/coupon/application/lifecycle/find-reservation.ts';
import { callerIdOf, originOf, qualifiedId } from '../../contexts/coupon/domain/lifecycle/reservation-id.ts';
import { directUseHolder, isDirectUse } from '../../contexts/coupon/domain/shards/claimed-names.ts';
import { refuse } from '../../contexts/coupon/refusals.ts';
import type { CommandKey } from '../../platform/kernel/contract.ts';
import { NotSupported, type Refusal, refusalIn, resultIn, toRefusalResponse } from '../../platform/kernel/refusal.ts';
import type { ShardMap } from './shard-map.ts';
import { type OnShards, shardAt } from './sharded-api.ts';

export interface ClaimDeps {
  readonly map: ShardMap;
  readonly directory: DirectoryService;
  /** Of each shard. */
  readonly shards: readonly Pick<
    CouponService,
    'getReservation' | 'releaseReservation' | 'replayReservation' | 'replayUse'
  >[];
}

interface Keyed {
  readonly couponId: bigint;
  readonly commandKey: CommandKey;
}
interface Claiming {
  readonly couponId: bigint;
  readonly commandKey?: CommandKey | undefined;
}
type Reserve = Parameters<CouponService['reserveCoupon']>[0];
type Use = Parameters<CouponService['useCoupon']>[0];
type Route<Request, Response> = (request: Request, shards: OnShards<Request, Response>) => Promise<Response>;
type Origin = Parameters<typeof qualifiedId>[0];

/**
 * A reservation from outside claims its id and its order first, so that no other shard has them. A checkout needs no claim: its order is the
 * id, and has one coupon.
 */
export const claimingReservation =
  (deps: ClaimDeps, route: Route<Reserve, ReservationResponse>) =>
  async (request: Reserve, shards: OnShards<Reserve, ReservationResponse>): Promise<ReservationResponse> => {
    const { origin, userId, reservationId, orderId } = request;
    if (origin === 'CHECKOUT') return await route(request, shards);
    const holder = { holder: qualifiedId(origin as Origin, userId, reservationId), userId, orderId };
    return await whileClaimed(deps, holder, request, {
      send: () => route(request, shards),
      replay: ({ replayReservation }, keyed) => replayReservation(keyed),
    });
  };

/** A direct use for an order claims the order, so that no coupon of another shard is used for it. A machine that names no user claims nothing. */
export const claimingOrder =
  (deps: ClaimDeps, route: Route<Use, CouponResponse>) =>
  async (request: Use, shards: OnShards<Use, CouponResponse>): Promise<CouponResponse> => {
    const { couponId, userId, orderId } = request;
    if (orderId === undefined || userId === undefined) return await route(request, shards);
    const holder = { holder: directUseHolder(couponId), userId, orderId };
    return await whileClaimed(deps, holder, request, {
      send: () => route(request, shards),
      replay: ({ replayUse }, keyed) => replayUse(keyed),
    });
  };

type RefusalResponse = ReturnType<typeof toRefusalResponse>;

interface Calls<Response> {
  readonly send: () => Promise<Response>;
  readonly replay: (shard: ClaimDeps['shards'][number], request: Keyed) => Promise<Response>;
}

/**
 * The claim is committed before the shard decides, and taken back after its refusal. Without a response it stays. A request that gets no claim
 * may be the repeat of one that had its effect: its shard then returns the first response.
 */
async function whileClaimed<Response extends ReservationResponse | CouponResponse>(
  deps: ClaimDeps,
  holder: NameHolder,
  { couponId, commandKey }: Claiming,
  { send, replay }: Calls<Response>,
): Promise<Response | RefusalResponse> {
  const shard = deps.map.shardOfId(couponId);
  const refusal = await claim(deps, holder, shard);
  if (refusal !== undefined) {
    const first = commandKey && (await replayed(() => replay(shardAt(deps.shards, shard), { couponId, commandKey })));
    return first ?? toRefusalResponse(refusal);
  }
  const response = await send();
  if (refusalIn(response) !== undefined) await deps.directory.releaseNames({ holder });
  return response;
}

/** Undefined when the key is unknown, and when the shard is of a version that does not look keys up. */
async function replayed<Response extends ReservationResponse | CouponResponse>(
  replay: () => Promise<Response>,
): Promise<Response | undefined> {
  try {
    const response = await replay();
    return refusalIn(response)?.code === 'RESERVATION_NOT_FOUND' ? undefined : response;
  } catch (error) {
    if (error instanceof NotSupported) return undefined;
    throw error;
  }
}

async function claim(deps: ClaimDeps, holder: NameHolder, shard: number): Promise<Refusal | undefined> {
  const { directory } = deps;
  const first = await directory.claimNames({ holder, shard });
  if (first.isReservationHeld) return refuse('RESERVATION_CONFLICT', { reason: USED });
  if (first.orderHolders.length === 0) return undefined;
  for (const held of first.orderHolders) {
    if (!(await hasEnded(deps, held, holder))) return refuse('COUPON_NOT_STACKABLE');
    await directory.freeOrder({ holder: { ...holder, holder: held.holder } });
  }
  const second = await directory.claimNames({ holder, shard });
  if (second.isReservationHeld) return refuse('RESERVATION_CONFLICT', { reason: USED });
  return second.orderHolders.length === 0 ? undefined : refuse('COUPON_NOT_STACKABLE');
}

const USED = 'This reservation id was used for another request.';

/**
 * Is the reservation CANCELLED? That is final: its id reserves nothing again. An EXPIRED one is released, because a late payment could
 * reserve it again. One that is not found may be on its way, so it holds its order.
 */
async function hasEnded(
  { shards }: ClaimDeps,
  { holder, shard }: { readonly holder: string; readonly shard: number },
  { userId }: NameHolder,
): Promise<boolean> {
  if (isDirectUse(holder)) return false;
  const [reservationId, origin] = [callerIdOf(holder), originOf(holder)];
  const { getReservation, releaseReservation } = shardAt(shards, shard);
  const { outcome } = await getReservation({ reservationId, userId });
  if (outcome?.$case !== 'reservation' || outcome.value.origin !== origin) return false;
  const { status } = outcome.value;
  if (status !== 'EXPIRED') return status === 'CANCELLED';
  const released = resultIn(await releaseReservation({ reservationId, userId, origin }));
  return 'reservation' in released && released.reservation?.status === 'CANCELLED';
}

/** A reservation is where its coupon is. Without it the directory knows; what it does not know is of shard 0, or missing. */
export const reservationShard =
  ({ map, directory, shards: apis }: ClaimDeps) =>
  async <Request extends NamedReservation, Response>(
    request: Request,
    shards: OnShards<Request, Response>,
  ): Promise<Response | RefusalResponse> => {
    const { couponId, origin, userId, reservationId } = request;
    if (couponId !== undefined) return await shardAt(shards, map.shardOfId(couponId))(request);
    // Only machines need not name the user; others are refused.
    if (userId === undefined) return await (origin === 'SERVICE' ? ofMachines() : shardAt(shards, 0)(request));
    const origins: readonly Origin[] = origin === 'SERVICE' ? ['SERVICE', 'CUSTOMER'] : [origin as Origin];
    const ids = origins.map((each) => qualifiedId(each, userId, reservationId));
    return await shardAt(shards, (await directory.locateReservation({ ids })).shard ?? 0)(request);

    /** Reservations of machines are searched without their user. Several users may have the id. */
    async function ofMachines(): Promise<Response | RefusalResponse> {
      const all = await Promise.all(apis.map(({ getReservation }) => getReservation({ reservationId })));
      const [first = 0, second] = all.flatMap((found, shard) =>
        refusalIn(found)?.code === 'RESERVATION_NOT_FOUND' ? [] : [shard],
      );
      return second === undefined ? await shardAt(shards, first)(request) : toRefusalResponse(SEVERAL_USERS);
    }
  };

interface NamedReservation {
  readonly reservationId: string;
  readonly couponId?: bigint | undefined;
  readonly userId?: bigint | undefined;
  readonly origin: string;
}
