import type { HandledRequest } from './admission.ts';

/**
 * A bound on the requests of one route, apart from all others: for a route that waits for something of its own, such as the hash of a password. Its
 * requests neither take the places of others nor count in the rate by which a node knows that it is overloaded.
 */
export interface RouteShare {
  isFull(): boolean;
  enter(): HandledRequest;
}

export function createRouteShare(inFlightMax: number): RouteShare {
  const handled = new Set<HandledRequest>();
  return {
    isFull: () => handled.size >= inFlightMax,
    enter() {
      const entry = { leave: () => void handled.delete(entry), excludeFromRate() {} };
      handled.add(entry);
      return entry;
    },
  };
}
