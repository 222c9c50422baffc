import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';

/**
 * The proxies in front of this server: how many there are, or their addresses and networks (CIDR, or loopback, linklocal and
 * uniquelocal). The client is the last address of X-Forwarded-For that is not one of them.
 */
export type TrustProxy = number | readonly string[];

/** Is the peer with this address, so many hops away, one of the proxies? */
export type TrustFunction = (address: string, hop: number) => boolean;

/** Compiles the setting once, for all requests. Undefined: nothing is believed. @throws TypeError for what is no network, or no proxy at all */
export function trustOf(setting: TrustProxy | undefined): TrustFunction | undefined {
  if (setting === undefined) return undefined;
  if (typeof setting !== 'number') return proxyAddress.compile([...setting]);
  if (setting < 1) throw new TypeError('there is at least one proxy');
  return (_address, hop) => hop < setting;
}

/** Returns the function that finds the address of the client of a request. Without proxies it is that of the connection. */
export function clientAddress(trust: TrustFunction | undefined): (request: IncomingMessage) => string {
  if (trust === undefined) return ({ socket }) => socket.remoteAddress ?? '';
  return (request) => proxyAddress(request, trust) ?? '';
}

/** Where a request came from. Its address is read only when it is needed. */
export interface Origin {
  readonly ip: string;
}

const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The bucket of an address in all limits: an IPv4 address, or the /64 of an IPv6 address, whose holder has 2^64 of them. All texts that
 * are no addresses, which only a trusted proxy can pass on, are one bucket.
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const [, mapped] = IPV4_MAPPED.exec(address) ?? [];
  if (mapped !== undefined) return networkOf(mapped);
  return isIPv6(address) ? prefixOf(address) : 'unknown';
}

function prefixOf(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  // The two colons stand for as many zeros as eight groups need.
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  const prefix = [...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/64`;
}

/** A dotted IPv4 address at the end takes the place of two groups, and is never among the first four. */
const groupsOf = (text: string): string[] =>
  text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
