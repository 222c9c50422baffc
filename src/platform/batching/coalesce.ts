import { Unavailable } from '../kernel/refusal.ts';

export interface CoalesceOptions<Item, Result> {
  /** Loads different items. Returns a result for each, in their order. */
  readonly load: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Equal for items with the same result. */
  readonly keyOf: (item: Item) => string;
  /** Of items in a call. */
  readonly batchMax: number;
  /** Items that may wait; one more is refused. */
  readonly waitingMax: number;
  /** Of the refusal, for the log. */
  readonly refusal: string;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly result: PromiseWithResolvers<Result>;
}

/**
 * Returns a loader of single items that share calls: those that arrive while a call is in flight go with the next one. There is no timer: the first item
 * goes at once. A call that fails fails its items.
 * @throws Unavailable OVERLOADED, as a rejection, when too many wait
 */
export function coalesce<Item, Result>(options: CoalesceOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { load, keyOf, batchMax, waitingMax, refusal } = options;
  const waiting = new Map<string, Waiting<Item, Result>>();
  let isLoading = false;

  async function loadAll(): Promise<void> {
    isLoading = true;
    // Requests that were read together go together.
    await Promise.resolve();
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, batchMax);
      for (const [key] of batch) waiting.delete(key);
      await loadBatch(batch.map(([, each]) => each));
    }
    isLoading = false;
  }

  async function loadBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await load(batch.map(({ item }) => item));
      if (results.length !== batch.length)
        throw new Error('a call returned another number of results than it had items');
      for (const [place, { result }] of batch.entries()) result.resolve(results[place] as Result);
    } catch (error) {
      for (const { result } of batch) result.reject(error);
    }
  }

  return (item) => {
    const key = keyOf(item);
    const same = waiting.get(key);
    if (same !== undefined) return same.result.promise;
    if (waiting.size >= waitingMax) return Promise.reject(new Unavailable('OVERLOADED', refusal, 1));
    const result = Promise.withResolvers<Result>();
    waiting.set(key, { item, result });
    if (!isLoading) void loadAll();
    return result.promise;
  };
}
