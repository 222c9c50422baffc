import type { Logger } from 'pino';
import { type AddressSource, onlyLoopback, staticAddresses } from '../../platform/grpc/addresses.ts';
import type { ServiceContract } from '../../platform/grpc/contract.ts';
import { type Dialled, type DialOptions, dial } from '../../platform/grpc/dial.ts';
import { dnsAddresses } from '../../platform/grpc/dns-addresses.ts';
import { outageLog } from '../../platform/telemetry/outage-log.ts';
import type { ContextName, Part } from '../parts.ts';
import { serviceNameOf } from '../shards/shard-map.ts';
import type { ServiceAddress, ServiceSettings } from '../variables/service-variables.ts';
import { isSharded, type ShardedContext, type ShardSettings } from '../variables/shard-variables.ts';
import type { GrpcCredentials } from './credentials.ts';
import type { Etcd } from './etcd.ts';

/** Returns a shard of a context in other processes. A connection is made with the first call. */
export type Connect = (
  name: ContextName,
  shard: number,
  contract: ServiceContract,
  options: Pick<DialOptions, 'guard' | 'callMs' | 'batched' | 'onMessage'>,
) => Dialled;

/**
 * Returns another service of the processes that host `name`, for one caller.
 * @param options.callMs how long a call may take. Default: as long as one of a context
 * @param options.shard default: shard 0
 */
export type ServiceAt = (
  name: ContextName,
  contract: ServiceContract,
  caller: Part,
  options?: Pick<DialOptions, 'callMs' | 'batched' | 'guard'> & { readonly shard?: number },
) => object;

export interface ConnectorOptions {
  readonly settings: Pick<ServiceSettings, 'addresses'>;
  readonly shards: ShardSettings | undefined;
  /** Where contexts without an address are found. */
  readonly etcd: Pick<Etcd, 'addressesOf'> | undefined;
  readonly credentials: GrpcCredentials;
  readonly log: Logger;
}

/** Finds where a shard is, and calls it with the credentials of this process. */
export function connector({ settings, shards, etcd, credentials, log }: ConnectorOptions): Connect {
  const { client, isMutual } = credentials;
  return (name, shard, contract, options) => {
    const address = shard === 0 ? settings.addresses[name] : shardedContext(shards, name)?.addresses[shard - 1];
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
}

/** Undefined: the context has one database. */
export const shardedContext = (settings: ShardSettings | undefined, name: ContextName): ShardedContext | undefined =>
  isSharded(name) ? settings?.of[name] : undefined;

function sourceOf({ kind, addresses }: ServiceAddress, log: Logger): AddressSource {
  if (kind === 'STATIC') return staticAddresses(addresses);
  const [name = ''] = addresses;
  const outage = outageLog({ log, facts: { name }, message: 'the name of a service was not resolved' });
  return dnsAddresses({ name, onFailure: outage.failed });
}

const onThisMachine = (context: string, source: AddressSource, log: Logger): AddressSource =>
  onlyLoopback(source, (address) =>
    log.error(
      { context, address },
      'an instance on another machine is not called without encryption; set GRPC_CERT, GRPC_KEY and GRPC_CA',
    ),
  );
