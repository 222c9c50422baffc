import type { Registry } from 'prom-client';
import { callGuard } from '../../platform/grpc/breaker.ts';
import { clientMetrics } from '../../platform/grpc/client-metrics.ts';
import type { Dialled } from '../../platform/grpc/dial.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { CONTEXTS, runs } from '../contexts.ts';
import type { ContextName } from '../parts.ts';
import { serviceNameOf } from '../shards/shard-map.ts';
import type { ServiceSettings } from '../variables/service-variables.ts';
import type { ShardSettings } from '../variables/shard-variables.ts';
import { batchedCallsOf } from './batched-calls.ts';
import { type Connect, shardedContext } from './connect.ts';

/** The shards of each context, which is one for most of them. */
export type DialledContexts = ReadonlyMap<ContextName, readonly Dialled[]>;

export interface DialContextsOptions {
  readonly names: readonly ContextName[];
  readonly shards: ShardSettings | undefined;
  readonly connect: Connect;
  readonly metrics: Registry;
}

export async function dialContexts({ names, shards, connect, metrics }: DialContextsOptions): Promise<DialledContexts> {
  const dialled = new Map<ContextName, readonly Dialled[]>();
  for (const context of CONTEXTS.filter(runs)) {
    const { name } = context;
    if (!names.includes(name)) continue;
    const contract = await context.contract();
    const remotes = Array.from({ length: shardedContext(shards, name)?.shards ?? 1 }, (_, shard) => {
      const named = serviceNameOf(name, shard);
      const remote = connect(name, shard, contract, {
        guard: callGuard({ context: named, metrics }),
        batched: batchedCallsOf(name),
        onMessage: (calls) => clientMetrics(metrics).countMessage(named, calls),
      });
      clientMetrics(metrics).observeInstances(named, remote.instances);
      return remote;
    });
    dialled.set(name, remotes);
  }
  return dialled;
}

/** The gateway reads from identity which sessions have ended before it serves anybody. */
const IDENTITY_MS = 30_000;

/** @throws StartError when identity is called and cannot be reached for 30 s */
export async function waitForIdentity(
  dialled: DialledContexts,
  { addresses }: Pick<ServiceSettings, 'addresses'>,
): Promise<void> {
  const [identity] = dialled.get('identity') ?? [];
  await identity?.ping(IDENTITY_MS).catch((error: unknown) => {
    const where =
      addresses.identity === undefined ? 'identity, by etcd,' : `IDENTITY_ADDRESS=${addresses.identity.addresses}`;
    const message = `${where} cannot be reached. Start the process that hosts identity.`;
    throw new StartError(message, { cause: error });
  });
}
