import { isLoopback } from '../kernel/host-port.ts';

/** Where the instances of a context are. */
export interface AddressSource {
  /**
   * Calls `onChange` with the present list of host:port, at once when it is known and after each change. An empty list is possible. Returns
   * how to stop.
   */
  watch(onChange: (addresses: readonly string[]) => void): () => void;
  /** Asks for a new look, because no instance of the list can be reached. Returns at once, and may do nothing. */
  refresh(): void;
}

/** A list that does not change. */
export const staticAddresses = (addresses: readonly string[]): AddressSource => ({
  watch(onChange) {
    onChange(addresses);
    return () => {};
  },
  refresh() {},
});

/** Addresses that are reported. */
const REFUSED_MAX = 100;

/**
 * Passes on the addresses of this machine only: without encryption a call to another one can be read and changed on its way, and nothing
 * proves which program listens there. `onRefused` is called once for each other address, for the first 100.
 */
export function onlyLoopback(source: AddressSource, onRefused: (address: string) => void): AddressSource {
  const refused = new Set<string>();
  return {
    watch: (onChange) =>
      source.watch((addresses) => {
        for (const address of addresses) {
          if (isLoopback(address) || refused.has(address)) continue;
          if (refused.size >= REFUSED_MAX) break;
          refused.add(address);
          onRefused(address);
        }
        onChange(addresses.filter(isLoopback));
      }),
    refresh: () => source.refresh(),
  };
}
