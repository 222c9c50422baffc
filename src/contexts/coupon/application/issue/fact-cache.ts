import type { CachedFact } from '../../../../platform/kernel/cached-fact.ts';

export interface FactCacheOptions<Fact> {
  readonly factsMax: number;
  /** The largest number of members of all facts together. A fact about a group of users has them as its members. */
  readonly membersMax: number;
  readonly membersOf: (fact: Fact) => number;
}

/**
 * Facts by key, by which a node refuses requests without PostgreSQL. Bounded in its facts and in their members: the facts that were
 * set first are evicted first. Not an LRUCache: a fact grows while it is cached.
 */
export interface FactCache<Key, Fact> {
  get(key: Key): Fact | undefined;
  /** Adds a fact, or moves it to the end of the order of eviction. Call `makeRoom` afterwards. */
  set(key: Key, fact: Fact): void;
  delete(key: Key): void;
  /** Call it with the difference whenever the number of members of a cached fact changes. */
  countMembers(difference: number): void;
  isCrowded(): boolean;
  /** Evicts facts until the cache is within its bounds. `pinned` stays, so the cache is still crowded when that fact has too many members. */
  makeRoom(pinned: Key): void;
}

export function factCache<Key, Fact extends CachedFact>({
  factsMax,
  membersMax,
  membersOf,
}: FactCacheOptions<Fact>): FactCache<Key, Fact> {
  const facts = new Map<Key, Fact>();
  let members = 0;

  function remove(key: Key): void {
    const fact = facts.get(key);
    if (fact === undefined) return;
    members -= membersOf(fact);
    facts.delete(key);
  }

  return {
    get: (key) => facts.get(key),
    set(key, fact) {
      remove(key);
      facts.set(key, fact);
      members += membersOf(fact);
    },
    delete: remove,
    countMembers(difference) {
      members += difference;
    },
    isCrowded: () => members > membersMax,
    makeRoom(pinned) {
      for (const key of facts.keys()) {
        if (facts.size <= factsMax && members <= membersMax) return;
        if (key === pinned) continue;
        remove(key);
      }
    },
  };
}
