import { ProblemError } from '../problems/problem.ts';

const RETRY_AFTER_SECONDS = 1;

/** The keys of the requests that this process is handling. */
export interface KeysInFlight {
  /**
   * Takes a key for one request. Call the returned function when the request has ended. Thrown: IDEMPOTENCY_KEY_IN_USE while an
   * earlier request has the key, whatever its body is: when that one is refused the key is free again.
   *
   * @param place scope and key; undefined: the request has no key
   */
  take(place: string | undefined): () => void;
  /** The same for as long as `work` is under way. */
  run<T>(place: string | undefined, work: () => Promise<T>): Promise<T>;
}

/**
 * A repeat is refused at once with Retry-After, so that it waits neither for a connection nor for a row. Other processes do not know
 * these keys: there the database decides (ADR 23).
 */
export function keysInFlight(): KeysInFlight {
  const taken = new Set<string>();
  function take(place: string | undefined): () => void {
    if (place === undefined) return () => {};
    if (taken.has(place)) throw new ProblemError('IDEMPOTENCY_KEY_IN_USE', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    taken.add(place);
    return () => void taken.delete(place);
  }
  return {
    take,
    async run(place, work) {
      const release = take(place);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
