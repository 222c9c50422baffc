import type { CachedFact } from './cached-fact.ts';

export interface FactCacheOptions<Key, Fact> {
  readonly factsMax: number;
  /** The largest number of members of all facts together. A fact about a group of users has them as its members. */
  readonly membersMax: number;
  readonly membersOf: (fact: Fact) => number;
  /** Makes a fact smaller, or deletes it, when there are too many members. */
  readonly shed: (key: Key, fact: Fact) => void;
}

/**
 * Facts by key, by which a node refuses requests without PostgreSQL. Bounded in its facts and in their members: the facts that were
 * set first are evicted first. Not an LRUCache: a fact grows while it is cached, and one with too many members is made smaller before
 * it is evicted.
 */
export interface FactCache<Key, Fact> {
  get(key: Key): Fact | undefined;
  isEmpty(): boolean;
  /** Adds a fact, or moves it to the end of the order of eviction. Call `makeRoom` afterwards. */
  set(key: Key, fact: Fact): void;
  delete(key: Key): void;
  /** Call it with the difference whenever the number of members of a cached fact changes. */
  countMembers(difference: number): void;
  isCrowded(): boolean;
  /** Evicts facts until the cache is within its bounds. `pinned` stays. */
  makeRoom(pinned?: Key): void;
}

export function factCache<Key, Fact extends CachedFact>({
  factsMax,
  membersMax,
  membersOf,
  shed,
}: FactCacheOptions<Key, Fact>): FactCache<Key, Fact> {
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
    isEmpty: () => facts.size === 0,
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
      for (const [key, fact] of facts) {
        if (facts.size <= factsMax && members <= membersMax) return;
        if (key === pinned) continue;
        if (facts.size > factsMax) remove(key);
        else shed(key, fact);
      }
    },
  };
}
