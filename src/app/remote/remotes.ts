import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CouponService } from '../../contexts/coupon/api.ts';
import { knownRefusals } from '../../contexts/coupon/module.ts';
import { type AddressSource, onlyLoopback, staticAddresses } from '../../platform/grpc/addresses.ts';
import { callGuard } from '../../platform/grpc/breaker.ts';
import { clientMetrics } from '../../platform/grpc/client-metrics.ts';
import type { ServiceApi, ServiceContract } from '../../platform/grpc/contract.ts';
import { type Dialled, type DialOptions, dial } from '../../platform/grpc/dial.ts';
import { dnsAddresses } from '../../platform/grpc/dns-addresses.ts';
import type { SignPrincipal } from '../../platform/grpc/principal-tokens.ts';
import type { ServiceTokens } from '../../platform/grpc/service-tokens.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { RemoteApi } from '../bind.ts';
import { CONTEXTS, type ContextName, runs } from '../contexts.ts';
import type { Part, ServiceAddress, ServiceSettings } from '../service-variables.ts';
import { batchedCallsOf } from './batched-calls.ts';
import { watchFacts } from './coupon-facts.ts';
import type { GrpcCredentials } from './credentials.ts';
import type { Etcd } from './etcd.ts';

export interface Remotes {
  readonly apiOf: RemoteApi;
  /** The policies for which the gateway refuses everybody without a coupon. Empty where it calls no coupon context. */
  readonly isCouponClosed: (policyId: bigint) => boolean;
  /**
   * Another service of the process that hosts `name`. A connection is made with the first call.
   * @param callMs how long a call may take. Default: as long as one of a context
   */
  serviceAt(name: ContextName, contract: ServiceContract, caller: Part, callMs?: number): object;
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
  const { names, settings, etcd, tokens, signPrincipal, metrics, log } = options;
  const { addresses } = settings;
  const { client, isMutual } = options.credentials;
  const dialled = new Map<ContextName, Dialled>();
  const others: Dialled[] = [];
  const connect = (
    name: ContextName,
    contract: ServiceContract,
    options: Pick<DialOptions, 'guard' | 'callMs' | 'batched' | 'onMessage'>,
  ): Dialled => {
    const address = addresses[name];
    const source = address === undefined ? etcd?.addressesOf(name) : sourceOf(address, log);
    if (source === undefined) throw new Error(`${name} without an address passed the configuration`);
    // The certificate names the context, wherever it runs: an address alone proves nothing.
    return dial(contract, {
      addresses: isMutual ? source : onThisMachine(name, source, log),
      credentials: client,
      onTooMany: (named) =>
        log.error(
          { context: name, named },
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
    const remote = connect(name, await context.contract(), {
      guard: callGuard({ context: name, metrics }),
      batched: batchedCallsOf(name),
      onMessage: (calls) => clientMetrics(metrics).countMessage(name, calls),
    });
    clientMetrics(metrics).observeInstances(name, remote.instances);
    dialled.set(name, remote);
  }
  await dialled
    .get('identity')
    ?.ping(IDENTITY_MS)
    .catch((error: unknown) => {
      const where =
        addresses.identity === undefined ? 'identity, by etcd,' : `IDENTITY_ADDRESS=${addresses.identity.addresses}`;
      const message = `${where} cannot be reached. Start the process that hosts identity.`;
      throw new StartError(message, { cause: error });
    });
  const facts = knownRefusals(() => performance.now());
  const stopFacts: (() => void)[] = [];
  /** The gateway refuses what it knows. */
  function withFacts(api: ServiceApi, { openStream }: Dialled): ServiceApi {
    const { issueCoupon } = api as unknown as CouponService;
    const token = tokens.signer('gateway', 'coupon');
    stopFacts.push(watchFacts(facts, (path, contract) => openStream(path, contract, token)));
    return { ...api, issueCoupon: facts.guard(issueCoupon) };
  }
  return {
    apiOf(name, caller) {
      const key = `${caller} ${name}`;
      const existing = apis.get(key);
      if (existing !== undefined) return existing;
      const remote = dialled.get(name);
      if (remote === undefined) throw new Error(`${caller} calls ${name}, which was not dialled`);
      const plain = remote.apiFor({ token: tokens.signer(caller, name), signPrincipal });
      const api = name === 'coupon' && caller === 'gateway' ? withFacts(plain, remote) : plain;
      apis.set(key, api);
      return api;
    },
    isCouponClosed: facts.isClosed,
    serviceAt(name, contract, caller, callMs) {
      const service = connect(name, contract, callMs === undefined ? {} : { callMs });
      others.push(service);
      return service.apiFor({ token: tokens.signer(caller, name) });
    },
    checks: Object.fromEntries([...dialled].map(([name, { ping }]) => [name, () => ping(PING_MS)])),
    close() {
      for (const stop of stopFacts) stop();
      for (const { close } of [...dialled.values(), ...others]) close();
    },
  };
}

function sourceOf({ kind, addresses }: ServiceAddress, log: Logger): AddressSource {
  if (kind === 'STATIC') return staticAddresses(addresses);
  const [name = ''] = addresses;
  return dnsAddresses({ name, onFailure: (err) => log.warn({ err, name }, 'the name of a service was not resolved') });
}

const onThisMachine = (context: ContextName, source: AddressSource, log: Logger): AddressSource =>
  onlyLoopback(source, (address) =>
    log.error(
      { context, address },
      'an instance on another machine is not called without encryption; set GRPC_CERT, GRPC_KEY and GRPC_CA',
    ),
  );
