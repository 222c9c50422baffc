import { MINUTE_MS } from '../../../../platform/kernel/durations.ts';
import type { DirectoryService, NameHolder } from '../../api.ts';
import { normalizeCode } from '../../domain/codes/code.ts';
import { reservationName } from '../../domain/shards/claimed-names.ts';
import type { ClaimedCodes, Holder, NameClaims, PolicyPlaceReader } from './ports.ts';

/** A claim without its code after this time was left by a process that died: no request takes so long. */
const CLAIM_MS = 10 * MINUTE_MS;

/** The names of all shards. Shard 0 serves it to the others and to the gateway. */
export const directory = (codes: ClaimedCodes, names: NameClaims, places: PolicyPlaceReader): DirectoryService => ({
  listPlaces: async () => ({ places: [...(await places.all())] }),
  async locateCodes({ codes: typed }) {
    const normalized = typed.map(normalizeCode);
    const found = await codes.policiesOf([...new Set(normalized.filter((code) => code !== undefined))]);
    return { policyIds: normalized.map((code) => (code === undefined ? 0n : (found.get(code) ?? 0n))) };
  },
  async claimCodes({ policyId, jobId, codes: wanted, shown }) {
    const pairs = wanted.map((code, index) => ({ code, shown: shown[index] ?? code }));
    return { taken: [...(await codes.claim({ policyId, jobId }, pairs))] };
  },
  async freeCode({ code: typed, policyId, hasEnded }) {
    const code = normalizeCode(typed);
    return { freed: code !== undefined && (await codes.free(code, policyId, hasEnded ? 0 : CLAIM_MS)) };
  },
  async claimNames({ holder, shard }) {
    const own = holderOf(holder);
    const held = await names.claim(own, shard);
    const [reservations, orders] = [held.filter(isReservation), held.filter((each) => !isReservation(each))];
    return {
      isReservationHeld: reservations.length > 0,
      orderHolders: orders.map(({ holder: id, shard: other }) => ({ holder: id, shard: other })),
    };

    function isReservation({ name }: { readonly name: string }): boolean {
      return name === reservationName(own.id);
    }
  },
  async releaseNames({ holder }) {
    await names.release(holderOf(holder));
    return {};
  },
  async freeOrder({ holder }) {
    await names.freeOrder(holderOf(holder));
    return {};
  },
  async locateReservation({ ids }) {
    const shards = await names.shardsOf(ids);
    const first = ids.find((id) => shards.has(id));
    return { shard: first === undefined ? undefined : shards.get(first) };
  },
});

function holderOf(holder: NameHolder | undefined): Holder {
  if (holder === undefined) throw new Error('a claim of names needs a holder');
  return { id: holder.holder, userId: holder.userId, orderId: holder.orderId };
}
