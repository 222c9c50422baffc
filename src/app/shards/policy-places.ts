import type { DirectoryService, PolicyPlace } from '../../contexts/coupon/api.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { type ContextResponse, refusalIn, Unavailable } from '../../platform/kernel/refusal.ts';
import type { ShardMap } from './shard-map.ts';
import { type OnShards, shardAt } from './sharded-api.ts';

/** How old the list may be that a route works with. */
export const PLACES_MS = 1_000;

/** Then it moves faster than it is found, or is on its way. */
const TRIES_MAX = 3;

/** Where a policy is. `fromShard`: it is moving, and may still be there. */
type Place = Omit<PolicyPlace, 'policyId'>;

/** Which shard has a policy: the one that its id names, unless it was moved. */
export interface PolicyPlaces {
  /** By the list as it was read last. */
  shardOf(policyId: bigint): number;
  /** Resolves when the list is not older than `PLACES_MS`, or shard 0 is away: then it stays as it is. */
  refresh(): Promise<void>;
  /** Sends the request where the policy is. Rejects with Unavailable while it is on its way. */
  send<Request, Response>(policyId: bigint, request: Request, shards: OnShards<Request, Response>): Promise<Response>;
  /** Sends the request about a job to the shard that its id names, or to one to which its policy was moved. */
  sendJob<Request, Response>(jobId: bigint, request: Request, shards: OnShards<Request, Response>): Promise<Response>;
}

export function policyPlaces(
  directory: Pick<DirectoryService, 'listPlaces'>,
  map: Pick<ShardMap, 'shardOfId'>,
  clock: Clock,
): PolicyPlaces {
  let places: ReadonlyMap<bigint, Place> = new Map();
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  let reads = 0;
  let newest = 0;
  async function read(): Promise<void> {
    const number = ++reads;
    triedAtMs = clock();
    const listed = (await directory.listPlaces({})).places;
    // One that began earlier and took longer is older.
    if (number < newest) return;
    newest = number;
    places = new Map(listed.map(({ policyId, ...place }) => [policyId, place]));
  }

  const placeOf = (policyId: bigint): Place => places.get(policyId) ?? { shard: map.shardOfId(policyId), moves: 0 };

  const isOnItsWay = ({ fromShard }: Place): boolean => fromShard !== undefined;

  /** Asks both shards of a policy that is moving. One that does not have it does nothing. */
  async function ask<Request, Response>(
    { shard, fromShard }: Place,
    request: Request,
    shards: OnShards<Request, Response>,
  ): Promise<Response> {
    const response = await shardAt(shards, shard)(request);
    return fromShard !== undefined && isMissing(response) ? await shardAt(shards, fromShard)(request) : response;
  }

  const refresh = async (): Promise<void> => {
    if (clock() - triedAtMs < PLACES_MS) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading.catch(() => {});
  };

  return {
    shardOf: (policyId) => placeOf(policyId).shard,
    refresh,
    async send(policyId, request, shards) {
      await refresh();
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const place = placeOf(policyId);
        const response = await ask(place, request, shards);
        if (!isMissing(response)) return response;
        await read();
        const now = placeOf(policyId);
        // It has not moved since it was asked for, so it was nowhere else.
        if (now.moves === place.moves && now.fromShard === place.fromShard && !isOnItsWay(now)) return response;
      }
      throw moving(policyId);
    },
    async sendJob(jobId, request, shards) {
      const home = map.shardOfId(jobId);
      const first = await shardAt(shards, home)(request);
      if (!isMissing(first)) return first;
      await read();
      const all = [...places.values()];
      for (const shard of new Set(all.map((place) => place.shard))) {
        if (shard === home) continue;
        const found = await shardAt(shards, shard)(request);
        if (!isMissing(found)) return found;
      }
      if (all.some(isOnItsWay)) throw moving(jobId);
      return first;
    },
  };
}

const MISSING: ReadonlySet<string | undefined> = new Set(['POLICY_NOT_FOUND', 'JOB_NOT_FOUND']);

/** Did the shard refuse because it does not have the policy or the job? Then the request had no effect there. */
const isMissing = (response: unknown): boolean =>
  typeof response === 'object' &&
  response !== null &&
  'outcome' in response &&
  response.outcome !== undefined &&
  MISSING.has(refusalIn(response as ContextResponse<unknown>)?.code);

const moving = (id: bigint): Unavailable =>
  new Unavailable('DEPENDENCY_UNAVAILABLE', `what ${id} names is on its way to another shard`);
