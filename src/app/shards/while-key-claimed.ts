import { coalesce } from '../../platform/batching/coalesce.ts';
import type { ClaimedKey } from '../../platform/idempotency/key-claims.ts';
import {
  type ContextResponse,
  NotSupported,
  refusalIn,
  toRefusalResponse,
  Unavailable,
} from '../../platform/kernel/refusal.ts';
import { refuseFrom } from '../../platform/kernel/refuse.ts';
import type { ProcessService } from '../process-service.ts';
import { numberOfKey } from './key-numbers.ts';
import type { ShardMap } from './shard-map.ts';
import { type IsStored, shardAt, type WhileClaimed } from './sharded-api.ts';

/** Keys in a call. */
const BATCH_MAX = 256;
/** Keys of a shard that wait for the call before theirs; one more is refused. */
const WAITING_MAX = 20_000;
/** How long a claim may take. Another shard that is frozen may delay a request so long. */
export const CLAIM_CALL_MS = 1_000;

const refuse = refuseFrom();

type Claims = Pick<ProcessService, 'claimKeys' | 'releaseKeys'>;

/**
 * A key is claimed for its request in one shard, which follows from the key, before the shard of the request has an effect. A refusal takes the claim
 * back, and a lost response keeps it. Claims for a shard share calls. While that shard is away or overloaded requests go on without it: neither takes
 * requests of the other shards.
 * @param map its first era says how many shards have claims, so that a further shard moves none
 * @param processes of each shard
 */
export function whileKeyClaimed({ eras }: Pick<ShardMap, 'eras'>, processes: readonly Claims[]): WhileClaimed {
  const homes = eras[0]?.shards ?? 1;
  const claims = processes.slice(0, homes).map(claimsOf);
  return async (key, send, isStored) => {
    const home = shardAt(claims, numberOfKey(key) % homes);
    const claim = await ifThere(home.claim(key));
    if (claim?.isClaimed === false) return toRefusalResponse(refuse('IDEMPOTENCY_KEY_REUSED'));
    const response = await send(claim?.wasTriedBefore ?? false);
    if (claim !== undefined && isRefused(response, isStored)) await ifThere(home.release(key));
    return response;
  };
}

/** Each request counts, so equal ones are not merged. */
function claimsOf({ claimKeys, releaseKeys }: Claims) {
  let requests = 0;
  const shared = <Result>(load: (keys: readonly ClaimedKey[]) => Promise<readonly Result[]>) => {
    const submit = coalesce<Numbered, Result>({
      load: (items) => load(items.map(({ scope, key, requestHash }) => ({ scope, key, requestHash }))),
      keyOf: ({ number }) => String(number),
      batchMax: BATCH_MAX,
      waitingMax: WAITING_MAX,
      refusal: 'too many idempotency keys wait to be claimed',
    });
    return (key: ClaimedKey) => submit({ ...key, number: requests++ });
  };
  return {
    claim: shared(async (keys) => {
      const { claimed, triedBefore } = await claimKeys({ keys: [...keys] });
      return claimed.map((isClaimed, index) => ({ isClaimed, wasTriedBefore: triedBefore[index] ?? false }));
    }),
    release: shared(async (keys) => {
      await releaseKeys({ keys: [...keys] });
      return keys.map(() => true);
    }),
  };
}

interface Numbered extends ClaimedKey {
  readonly number: number;
}

/** Undefined when the shard is away or overloaded, or of a version that claims nothing. */
const ifThere = <Result>(call: Promise<Result>): Promise<Result | undefined> =>
  call.catch((error: unknown) => {
    if (error instanceof Unavailable || error instanceof NotSupported) return undefined;
    throw error;
  });

/** Whether it is a refusal that the shard of the request has not stored. */
function isRefused(response: unknown, isStored: IsStored): boolean {
  const { outcome } = Object(response) as ContextResponse<unknown>;
  const refusal = outcome && refusalIn({ outcome });
  return refusal !== undefined && !isStored(refusal);
}
