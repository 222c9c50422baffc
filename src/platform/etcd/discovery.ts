import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AddressSource } from '../grpc/addresses.ts';
import { HOST_PORT } from '../kernel/host-port.ts';
import { outageLog } from '../telemetry/outage-log.ts';
import type { EtcdClient } from './client.ts';

const RETRY_MS = 500;
const ADDRESS = new RegExp(`^${HOST_PORT}$`, 'i');

export interface Discovery {
  /** The instances of a service that are registered now. */
  addressesOf(service: string): AddressSource;
  /** Resolves when the instances are known. */
  readonly listed: Promise<void>;
  /** Rejects while changes in etcd do not arrive. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface DiscoveryOptions {
  readonly client: EtcdClient;
  /** Before the key of every instance, which is `<prefix><service>/<instance>`; its value is host:port. */
  readonly prefix: string;
  readonly log: Logger;
}

/**
 * Follows the registered instances of all services: lists them, and watches from the revision of the list. After any break it lists them again. While
 * etcd is away the last known ones stay.
 */
export function discover({ client, prefix, log }: DiscoveryOptions): Discovery {
  const stopping = new AbortController();
  const { signal } = stopping;
  const listeners = new Map<string, Set<(addresses: readonly string[]) => void>>();
  const known = new Map<string, string>();
  const listed = Promise.withResolvers<void>();
  let isListed = false;
  let isFollowing = false;
  const outage = outageLog({
    log,
    message: 'changes in etcd do not arrive; the last known instances stay',
    over: 'changes in etcd arrive again',
  });

  const addressesIn = (service: string): readonly string[] =>
    [...new Set([...known].flatMap(([key, value]) => (serviceIn(key) === service ? [value] : [])))].sort();
  const serviceIn = (key: string): string => key.slice(prefix.length).split('/', 1)[0] ?? '';
  const notify = (services: Iterable<string>): void => {
    for (const service of services) {
      for (const listener of listeners.get(service) ?? []) listener(addressesIn(service));
    }
  };
  const set = (key: string, value: string): void => {
    if (ADDRESS.test(value)) known.set(key, value);
    else log.warn({ key }, 'an entry in etcd is no host:port and is ignored');
  };

  const follow = async (): Promise<void> => {
    const { entries, revision } = await client.list(prefix);
    const before = [...known.keys()].map(serviceIn);
    known.clear();
    for (const { key, value } of entries) set(key, value);
    isListed = true;
    listed.resolve();
    notify(new Set([...before, ...[...known.keys()].map(serviceIn)]));
    outage.succeeded();
    isFollowing = true;
    await client.watch(
      prefix,
      revision,
      (changes) => {
        for (const { key, value, isDeleted } of changes) {
          known.delete(key);
          if (!isDeleted) set(key, value);
        }
        notify(new Set(changes.map(({ key }) => serviceIn(key))));
      },
      signal,
    );
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await follow();
      } catch (err) {
        isFollowing = false;
        outage.failed(err);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  };
  const running = run();
  return {
    listed: listed.promise,
    addressesOf: (service) => ({
      watch(onChange) {
        const all = listeners.get(service) ?? new Set();
        listeners.set(service, all.add(onChange));
        if (isListed) onChange(addressesIn(service));
        return () => void all.delete(onChange);
      },
      // Changes arrive by themselves.
      refresh() {},
    }),
    async check() {
      if (!isFollowing) throw new Error('changes in etcd do not arrive');
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}
