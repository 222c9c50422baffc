import { lookup } from 'node:dns/promises';
import { hostPort, splitHostPort } from '../kernel/host-port.ts';
import type { AddressSource } from './addresses.ts';

/** How often a name is looked up, whether or not its instances can be reached. */
const LOOKUP_MS = 10_000;
/** The shortest time between two lookups, when nothing can be reached. */
const REFRESH_MS = 1_000;

export interface DnsOptions {
  /** host:port. */
  readonly name: string;
  readonly onFailure: (error: Error) => void;
  /** Returns the IP addresses of a host. By default those that the system finds. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const system = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The addresses of a DNS name, looked up every 10 s, and at most every second while none of them can be reached. When a lookup fails the
 * addresses of the last one stay.
 */
export function dnsAddresses({ name, onFailure, resolve = system }: DnsOptions): AddressSource {
  const { host, port } = splitHostPort(name);
  const listeners = new Set<(addresses: readonly string[]) => void>();
  let known: readonly string[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let nextMs = 0;

  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    clearTimeout(timer);
    try {
      const found = await resolve(host);
      const addresses = [...new Set(found)].sort().map((ip) => hostPort(ip, port));
      if (addresses.join() !== known?.join()) {
        known = addresses;
        for (const listener of listeners) listener(addresses);
      }
    } catch (error) {
      onFailure(error as Error);
    } finally {
      isLooking = false;
      nextMs = performance.now() + REFRESH_MS;
      if (listeners.size > 0) timer = setTimeout(look, LOOKUP_MS).unref();
    }
  };
  return {
    watch(onChange) {
      listeners.add(onChange);
      if (known !== undefined) onChange(known);
      void look();
      return () => {
        listeners.delete(onChange);
        if (listeners.size === 0) clearTimeout(timer);
      };
    },
    refresh() {
      if (performance.now() >= nextMs) void look();
    },
  };
}
