import { coalesce } from '../../platform/batching/coalesce.ts';
import { placeOf } from '../../platform/idempotency/command-results.ts';
import type { ClaimedKey } from '../../platform/idempotency/key-claims.ts';
import { NotSupported, toRefusalResponse, Unavailable } from '../../platform/kernel/refusal.ts';
import { refuseFrom } from '../../platform/kernel/refuse.ts';
import type { ProcessService } from '../process-service.ts';
import { numberOfKey } from './key-numbers.ts';
import type { ShardMap } from './shard-map.ts';
import { type ClaimKey, shardAt } from './sharded-api.ts';

/** Keys in a call. */
const BATCH_MAX = 256;
/** Keys of a shard that wait for the call before theirs; one more is refused. */
const WAITING_MAX = 20_000;
/** How long a claim may take. Another shard that is frozen may delay a request so long. */
export const CLAIM_CALL_MS = 1_000;

const refuse = refuseFrom();

/**
 * A key is claimed for its request in one shard, which follows from the key, before the shard of the request has an effect. Claims for a shard
 * share calls. While that shard is away requests go on without it: an outage of one shard takes no requests of the others.
 * @param map its first era says how many shards have claims, so that a further shard moves none
 * @param processes of each shard
 */
export function keyClaims(
  { eras }: Pick<ShardMap, 'eras'>,
  processes: readonly Pick<ProcessService, 'claimKeys'>[],
): ClaimKey {
  const homes = eras[0]?.shards ?? 1;
  const claims = processes.slice(0, homes).map(({ claimKeys }) =>
    coalesce<ClaimedKey, boolean>({
      load: async (keys) =>
        (await claimKeys({ keys: keys.map(({ scope, key, requestHash }) => ({ scope, key, requestHash })) })).claimed,
      keyOf: (key) => `${placeOf(key)}\n${Buffer.from(key.requestHash).toString('base64')}`,
      batchMax: BATCH_MAX,
      waitingMax: WAITING_MAX,
      refusal: 'too many idempotency keys wait to be claimed',
    }),
  );
  return async (key) => {
    try {
      const isClaimed = await shardAt(claims, numberOfKey(key) % homes)(key);
      return isClaimed ? undefined : toRefusalResponse(refuse('IDEMPOTENCY_KEY_REUSED'));
    } catch (error) {
      if (error instanceof Unavailable || error instanceof NotSupported) return undefined;
      throw error;
    }
  };
}
