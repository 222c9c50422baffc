import type { HandledRequest } from './admission.ts';

/**
 * A bound on the requests of one route, apart from all others: for a route that waits for something of its own, such as the hash of a password. Its
 * requests neither take the places of others nor count in the rate by which a node knows that it is overloaded.
 */
export interface RouteShare {
  isFull(): boolean;
  /** Takes a place. Returns undefined when the share is full. */
  enter(): HandledRequest | undefined;
}

/** The share of a request's route. Undefined: it counts among all others. Takes the path by which the request is routed. */
export type RouteShareOf = (method: string | undefined, path: string) => RouteShare | undefined;

export function createRouteShare(inFlightMax: number): RouteShare {
  const handled = new Set<HandledRequest>();
  const isFull = (): boolean => handled.size >= inFlightMax;
  return {
    isFull,
    enter() {
      if (isFull()) return undefined;
      const entry = { leave: () => void handled.delete(entry), excludeFromRate() {} };
      handled.add(entry);
      return entry;
    },
  };
}
