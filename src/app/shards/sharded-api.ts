import type { CommandKey } from '../../platform/kernel/contract.ts';
import type { Refusal } from '../../platform/kernel/refusal.ts';

/** Calls an operation in each shard, by the number of the shard. */
export type OnShards<Request, Response> = readonly ((request: Request) => Promise<Response>)[];

/**
 * Where the calls of an operation go, and what becomes of the responses of several shards. `wasTriedBefore`: an earlier try with the key of the request
 * may have had its effect.
 */
export type Route<Operation> = Operation extends (request: infer Request) => Promise<infer Response>
  ? (request: Request, shards: OnShards<Request, Response>, wasTriedBefore: boolean) => Promise<Response>
  : never;

/** A route for each operation of a context: one without a route does not compile. */
export type Routes<Api> = { readonly [Name in keyof Api]: Route<Api[Name]> };

/** Whether a context stores this refusal under the key of its request, which keeps the key then. */
export type IsStored = (refusal: Refusal) => boolean;

/** Sends a command once its key is claimed for it. Resolves with a refusal when another request has the key. */
export type WhileClaimed = (
  key: CommandKey,
  send: (wasTriedBefore: boolean) => Promise<unknown>,
  isStored: IsStored,
) => Promise<unknown>;

interface Keyed {
  readonly commandKey?: CommandKey | undefined;
}

type Operations = Readonly<Record<string, (request: unknown) => Promise<unknown>>>;

/**
 * The API of a context whose shards have these APIs.
 * @param whileClaimed sends the commands with a key; absent: the caller sends no keys
 * @param isStored default: no refusal is
 */
export function shardedApi<Api extends object>(
  routes: Routes<Api>,
  shards: readonly Api[],
  whileClaimed?: WhileClaimed,
  isStored: IsStored = () => false,
): Api {
  const entries = Object.entries(routes as Readonly<Record<string, Route<Operations[string]>>>);
  const operations = entries.map(([name, route]) => {
    const onShards = shards.map((api) => {
      const operation = (api as Operations)[name];
      if (operation === undefined) throw new Error(`a shard has no operation ${name}`);
      return operation;
    });
    const send = async (request: unknown): Promise<unknown> => {
      const key = (request as Keyed).commandKey;
      const sent = (wasTriedBefore: boolean) => route(request, onShards, wasTriedBefore);
      return whileClaimed === undefined || key === undefined
        ? await sent(false)
        : await whileClaimed(key, sent, isStored);
    };
    return [name, send] as const;
  });
  return Object.fromEntries(operations) as unknown as Api;
}

/** To the one shard that has what the request is about. */
export const toShard =
  <Named>(shardOf: (request: Named) => number) =>
  async <Request extends Named, Response>(request: Request, shards: OnShards<Request, Response>): Promise<Response> =>
    await shardAt(shards, shardOf(request))(request);

/** To all shards at once. Rejects when one of them does: a part of a list would look like the whole. */
export const toAll =
  <Request, Response>(merge: (responses: readonly Response[], request: Request) => Response) =>
  async (request: Request, shards: OnShards<Request, Response>): Promise<Response> =>
    merge(await Promise.all(shards.map((shard) => shard(request))), request);

export function shardAt<Shard>(shards: readonly Shard[], index: number): Shard {
  const shard = shards[index];
  if (shard === undefined) throw new Error(`there is no shard ${index}`);
  return shard;
}
