import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { InboxFeed } from '../../contexts/notification/api.ts';
import type { ServiceApi } from '../../platform/grpc/contract.ts';
import type { Dialled } from '../../platform/grpc/dial.ts';
import type { SignPrincipal } from '../../platform/grpc/principal-tokens.ts';
import type { ServiceTokens } from '../../platform/grpc/service-tokens.ts';
import type { RemoteApi } from '../bind.ts';
import type { ContextName, Part } from '../parts.ts';
import { type ShardMaps, serviceNameOf } from '../shards/shard-map.ts';
import type { ServiceSettings } from '../variables/service-variables.ts';
import type { ShardSettings } from '../variables/shard-variables.ts';
import { connector, type ServiceAt } from './connect.ts';
import type { GrpcCredentials } from './credentials.ts';
import { dialContexts, waitForIdentity } from './dial-contexts.ts';
import type { Etcd } from './etcd.ts';
import { gatewayFacts } from './gateway-facts.ts';
import { remoteInboxChanges } from './inbox-changes.ts';
import { shardRouters } from './shard-routers.ts';

export interface Remotes {
  readonly apiOf: RemoteApi;
  /** Does the gateway refuse every user without a coupon of this policy? False where it calls no coupon context. */
  readonly isCouponClosed: (policyId: bigint) => boolean;
  /** Undefined where no notification context is called. */
  readonly inboxChanges: InboxFeed | undefined;
  readonly serviceAt: ServiceAt;
  /** Each rejects while its context cannot be reached. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  close(): void;
}

const PING_MS = 1_500;

export interface RemotesOptions {
  /** The contexts that are called; each has an address, unless there is etcd. */
  readonly names: readonly ContextName[];
  /** Where contexts without an address are found. */
  readonly etcd?: Pick<Etcd, 'addressesOf'> | undefined;
  readonly settings: Pick<ServiceSettings, 'addresses'>;
  /** Of the contexts with several shards. Default: there are none. */
  readonly shards?: { readonly settings: ShardSettings; readonly maps: ShardMaps } | undefined;
  readonly tokens: ServiceTokens;
  /** Present in a process with the gateway. */
  readonly signPrincipal: SignPrincipal | undefined;
  readonly credentials: GrpcCredentials;
  readonly metrics: Registry;
  readonly log: Logger;
}

/**
 * Connects to the contexts that other processes host.
 * @throws StartError when identity cannot be reached for 30 s
 */
export async function openRemotes(options: RemotesOptions): Promise<Remotes> {
  const { names, settings, etcd, credentials, tokens, signPrincipal, metrics, log } = options;
  const shards = options.shards?.settings;
  const connect = connector({ settings, shards, etcd, credentials, log });
  const dialled = await dialContexts({ names, shards, connect, metrics });
  const closeDialled = (): void => {
    for (const { close } of [...dialled.values()].flat()) close();
  };
  await waitForIdentity(dialled, settings).catch((error: unknown) => {
    closeDialled();
    throw error;
  });

  const others: Dialled[] = [];
  const serviceAt: ServiceAt = (name, contract, caller, { shard = 0, ...callOptions } = {}) => {
    const service = connect(name, shard, contract, callOptions);
    others.push(service);
    return service.apiFor({ token: tokens.signer(caller, name) });
  };
  const routers = await shardRouters({ maps: options.shards?.maps ?? {}, serviceAt, metrics });
  const facts = gatewayFacts(tokens);
  const [inboxes] = dialled.get('notification') ?? [];
  const inboxChanges = inboxes && inboxChangesOf(inboxes, tokens);

  function newApi(name: ContextName, caller: Part): ServiceApi {
    const remotes = dialled.get(name);
    if (remotes === undefined) throw new Error(`${caller} calls ${name}, which was not dialled`);
    const ofShards = remotes.map((remote) => {
      const api = remote.apiFor({ token: tokens.signer(caller, name), signPrincipal });
      return name === 'coupon' && caller === 'gateway' ? facts.guard(api, remote) : api;
    });
    return routers.route(name, caller, ofShards);
  }

  const apis = new Map<string, ServiceApi>();
  return {
    apiOf(name, caller) {
      const key = `${caller} ${name}`;
      const api = apis.get(key) ?? newApi(name, caller);
      apis.set(key, api);
      return api;
    },
    isCouponClosed: (policyId) => facts.isClosed(routers.shardOfPolicy(policyId), policyId),
    inboxChanges,
    serviceAt,
    checks: Object.fromEntries(
      [...dialled].flatMap(([name, remotes]) =>
        remotes.map(({ ping }, shard) => [serviceNameOf(name, shard), () => ping(PING_MS)]),
      ),
    ),
    close() {
      facts.stop();
      inboxChanges?.stop();
      closeDialled();
      for (const { close } of others) close();
    },
  };
}

function inboxChangesOf({ openStream }: Dialled, tokens: ServiceTokens): ReturnType<typeof remoteInboxChanges> {
  const token = tokens.signer('gateway', 'notification');
  return remoteInboxChanges((path, contract) => openStream(path, contract, token));
}
