import { BlockList, isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Hosts that the operator allows requests to, beyond those of the internet. */
export interface AllowedHosts {
  /** Is it listed, by its name, or as an address of a listed network? Then requests need no https. */
  isExempt(host: string): boolean;
  /** May requests for `host` go to this address? */
  mayReach(address: string, host: string): boolean;
}

/** Host names, addresses and networks (`10.20.0.0/16`). Undefined: one of the entries is none of these. */
export function readAllowedHosts(entries: readonly string[]): AllowedHosts | undefined {
  const names = new Set<string>();
  const networks = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const version = isIP(address);
    if (version !== 0) {
      const bits = version === 4 ? 32 : 128;
      const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
      if (length < 0 || length > bits) return undefined;
      networks.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
    } else if (HOST_NAME.test(entry)) names.add(entry);
    else return undefined;
  }
  const isListed = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
  const isExempt = (host: string): boolean => names.has(host.toLowerCase()) || isListed(host);
  return {
    isExempt,
    mayReach: (address, host) => isPublicAddress(address) || names.has(host.toLowerCase()) || isListed(address),
  };
}

/** In lower case, as URLs have them. A name of digits alone would be an address. */
const HOST_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
