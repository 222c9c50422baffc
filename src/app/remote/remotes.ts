import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CouponService, DirectoryService } from '../../contexts/coupon/api.ts';
import { directoryContract, type KnownRefusals, knownRefusals } from '../../contexts/coupon/module.ts';
import type { InboxFeed } from '../../contexts/notification/api.ts';
import type { PointService } from '../../contexts/point/api.ts';
import { type AddressSource, onlyLoopback, staticAddresses } from '../../platform/grpc/addresses.ts';
import { type CallGuard, callGuard } from '../../platform/grpc/breaker.ts';
import { clientMetrics } from '../../platform/grpc/client-metrics.ts';
import type { ServiceApi, ServiceContract } from '../../platform/grpc/contract.ts';
import { type Dialled, type DialOptions, dial } from '../../platform/grpc/dial.ts';
import { dnsAddresses } from '../../platform/grpc/dns-addresses.ts';
import type { SignPrincipal } from '../../platform/grpc/principal-tokens.ts';
import type { ServiceTokens } from '../../platform/grpc/service-tokens.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { RemoteApi } from '../bind.ts';
import { CONTEXTS, runs } from '../contexts.ts';
import type { ContextName, Part } from '../parts.ts';
import type { ProcessService } from '../process-service.ts';
import { couponRoutes } from '../shards/coupon-routes.ts';
import { CLAIM_CALL_MS, keyClaims } from '../shards/key-claims.ts';
import { pointRoutes } from '../shards/point-routes.ts';
import { policyPlaces } from '../shards/policy-places.ts';
import { type ShardMap, type ShardMaps, serviceNameOf } from '../shards/shard-map.ts';
import { type ClaimKey, shardAt, shardedApi } from '../shards/sharded-api.ts';
import type { ServiceAddress, ServiceSettings } from '../variables/service-variables.ts';
import { isSharded, type ShardedContext, type ShardSettings } from '../variables/shard-variables.ts';
import { batchedCallsOf } from './batched-calls.ts';
import { watchFacts } from './coupon-facts.ts';
import type { GrpcCredentials } from './credentials.ts';
import type { Etcd } from './etcd.ts';
import { remoteInboxChanges } from './inbox-changes.ts';
import { PROCESS_CONTRACT } from './process-contract.ts';

export interface Remotes {
  readonly apiOf: RemoteApi;
  /** The policies for which the gateway refuses everybody without a coupon. Empty where it calls no coupon context. */
  readonly isCouponClosed: (policyId: bigint) => boolean;
  /** Undefined where no notification context is called. */
  readonly inboxChanges: InboxFeed | undefined;
  /**
   * Another service of the process that hosts `name`. A connection is made with the first call.
   * @param options.callMs how long a call may take. Default: as long as one of a context
   * @param options.shard default: shard 0
   */
  serviceAt(
    name: ContextName,
    contract: ServiceContract,
    caller: Part,
    options?: {
      readonly callMs?: number;
      readonly shard?: number;
      readonly batched?: readonly string[];
      readonly guard?: CallGuard;
    },
  ): object;
  /** Each rejects while its context cannot be reached. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  close(): void;
}

const PING_MS = 1_500;
/** The gateway reads from identity which sessions have ended before it serves anybody. */
const IDENTITY_MS = 30_000;

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
  const { names, settings, shards, etcd, tokens, signPrincipal, metrics, log } = options;
  const { addresses } = settings;
  const { client, isMutual } = options.credentials;
  /** The shards of each context, which is one for most of them. */
  const dialled = new Map<ContextName, readonly Dialled[]>();
  const others: Dialled[] = [];
  const connect = (
    name: ContextName,
    shard: number,
    contract: ServiceContract,
    options: Pick<DialOptions, 'guard' | 'callMs' | 'batched' | 'onMessage'>,
  ): Dialled => {
    const address = shard === 0 ? addresses[name] : settingsOf(shards?.settings, name)?.addresses[shard - 1];
    const named = serviceNameOf(name, shard);
    const source = address === undefined ? etcd?.addressesOf(named) : sourceOf(address, log);
    if (source === undefined) throw new Error(`${named} without an address passed the configuration`);
    // The certificate names the context, wherever it runs: an address alone proves nothing.
    return dial(contract, {
      addresses: isMutual ? source : onThisMachine(named, source, log),
      credentials: client,
      onTooMany: (instances) =>
        log.error(
          { context: named, named: instances },
          'more instances are listed than are called; remove the addresses that are none',
        ),
      ...(isMutual ? { serverName: name } : {}),
      ...options,
    });
  };
  const apis = new Map<string, ServiceApi>();
  for (const context of CONTEXTS.filter(runs)) {
    const { name } = context;
    if (!names.includes(name)) continue;
    const contract = await context.contract();
    const remotes = Array.from({ length: settingsOf(shards?.settings, name)?.shards ?? 1 }, (_, shard) => {
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
  await dialled
    .get('identity')?.[0]
    ?.ping(IDENTITY_MS)
    .catch((error: unknown) => {
      const where =
        addresses.identity === undefined ? 'identity, by etcd,' : `IDENTITY_ADDRESS=${addresses.identity.addresses}`;
      const message = `${where} cannot be reached. Start the process that hosts identity.`;
      throw new StartError(message, { cause: error });
    });
  /** What the gateway knows of each shard of coupon. */
  const facts: KnownRefusals[] = [];
  const stopWatching: (() => void)[] = [];
  /** The gateway refuses what it knows. */
  function withFacts(api: ServiceApi, { openStream }: Dialled): ServiceApi {
    const { issueCoupon } = api as unknown as CouponService;
    const token = tokens.signer('gateway', 'coupon');
    const known = knownRefusals(() => performance.now());
    facts.push(known);
    stopWatching.push(watchFacts(known, (path, contract) => openStream(path, contract, token)));
    return { ...api, issueCoupon: known.guard(issueCoupon) };
  }
  function changesOf({ openStream }: Dialled) {
    const token = tokens.signer('gateway', 'notification');
    const changes = remoteInboxChanges((path, contract) => openStream(path, contract, token));
    stopWatching.push(changes.stop);
    return changes;
  }
  const [inboxes] = dialled.get('notification') ?? [];
  let shardOfPolicy = (policyId: bigint): number => shards?.maps.coupon?.shardOfId(policyId) ?? 0;
  const directories = new Map<Part, DirectoryService>();
  const serviceAt: Remotes['serviceAt'] = (name, contract, caller, { shard = 0, ...options } = {}) => {
    const service = connect(name, shard, contract, options);
    others.push(service);
    return service.apiFor({ token: tokens.signer(caller, name) });
  };
  const directoryDefinition = shards?.maps.coupon && (await directoryContract());
  /** Only the gateway sends keys. */
  const claimsOf = (name: ContextName, caller: Part, map: ShardMap): ClaimKey | undefined =>
    caller === 'gateway'
      ? keyClaims(
          map,
          Array.from({ length: map.shards }, (_, shard) => {
            const guard = callGuard({ context: `${serviceNameOf(name, shard)} keys`, metrics });
            return serviceAt(name, PROCESS_CONTRACT, caller, { shard, callMs: CLAIM_CALL_MS, guard }) as ProcessService;
          }),
        )
      : undefined;
  const routed = (name: ContextName, caller: Part, apis: readonly ServiceApi[]): ServiceApi => {
    const { coupon, point } = shards?.maps ?? {};
    if (name === 'coupon' && coupon !== undefined && directoryDefinition !== undefined) {
      const directory =
        directories.get(caller) ??
        (serviceAt('coupon', directoryDefinition, caller, { batched: ['locateCodes'] }) as DirectoryService);
      directories.set(caller, directory);
      const services = apis as unknown as readonly CouponService[];
      const places = policyPlaces(directory, coupon, Date.now);
      if (caller === 'gateway') shardOfPolicy = places.shardOf;
      const routes = couponRoutes({ map: coupon, places, directory, clock: Date.now, shards: services });
      return shardedApi(routes, services, claimsOf(name, caller, coupon)) as unknown as ServiceApi;
    }
    if (name === 'point' && point !== undefined)
      return shardedApi(
        pointRoutes(point),
        apis as unknown as readonly PointService[],
        claimsOf(name, caller, point),
      ) as unknown as ServiceApi;
    return shardAt(apis, 0);
  };
  return {
    apiOf(name, caller) {
      const key = `${caller} ${name}`;
      const existing = apis.get(key);
      if (existing !== undefined) return existing;
      const remotes = dialled.get(name);
      if (remotes === undefined) throw new Error(`${caller} calls ${name}, which was not dialled`);
      const own = remotes.map((remote) => {
        const plain = remote.apiFor({ token: tokens.signer(caller, name), signPrincipal });
        return name === 'coupon' && caller === 'gateway' ? withFacts(plain, remote) : plain;
      });
      const api = routed(name, caller, own);
      apis.set(key, api);
      return api;
    },
    isCouponClosed: (policyId) => facts[shardOfPolicy(policyId)]?.isClosed(policyId) ?? false,
    inboxChanges: inboxes && changesOf(inboxes),
    serviceAt,
    checks: Object.fromEntries(
      [...dialled].flatMap(([name, remotes]) =>
        remotes.map(({ ping }, shard) => [serviceNameOf(name, shard), () => ping(PING_MS)]),
      ),
    ),
    close() {
      for (const stop of stopWatching) stop();
      for (const { close } of [...[...dialled.values()].flat(), ...others]) close();
    },
  };
}

const settingsOf = (settings: ShardSettings | undefined, name: ContextName): ShardedContext | undefined =>
  isSharded(name) ? settings?.of[name] : undefined;

function sourceOf({ kind, addresses }: ServiceAddress, log: Logger): AddressSource {
  if (kind === 'STATIC') return staticAddresses(addresses);
  const [name = ''] = addresses;
  return dnsAddresses({ name, onFailure: (err) => log.warn({ err, name }, 'the name of a service was not resolved') });
}

const onThisMachine = (context: string, source: AddressSource, log: Logger): AddressSource =>
  onlyLoopback(source, (address) =>
    log.error(
      { context, address },
      'an instance on another machine is not called without encryption; set GRPC_CERT, GRPC_KEY and GRPC_CA',
    ),
  );
