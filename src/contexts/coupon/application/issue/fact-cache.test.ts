import { expect, it } from 'vitest';
import { factCache } from './fact-cache.ts';

interface Fact {
  readonly readAtMs: number;
  refreshStartedAtMs: number;
  readonly members: number;
}

const fact = (members = 0): Fact => ({ readAtMs: 0, refreshStartedAtMs: 0, members });

/** At most three facts with ten members together. */
function world() {
  const cache = factCache<string, Fact>({ factsMax: 3, membersMax: 10, membersOf: ({ members }) => members });
  const put = (key: string, members = 0) => {
    cache.set(key, fact(members));
    cache.makeRoom(key);
  };
  const keys = () => ['a', 'b', 'c', 'd', 'e'].filter((key) => cache.get(key) !== undefined).join('');
  return { cache, put, keys };
}

it('a full cache evicts the facts that were set first, and a fact that was set again is one of the last', () => {
  const { put, keys } = world();
  for (const key of ['a', 'b', 'c', 'd']) put(key);
  expect(keys()).toBe('bcd');
  put('b');
  put('e');
  expect(keys()).toBe('bde');
});

it('a crowded cache evicts the facts that were set first, no more than needed', () => {
  const { put, keys } = world();
  put('a', 4);
  put('b', 4);
  put('c', 4);
  expect(keys()).toBe('bc');
});

it('members count until their fact is replaced, changed or deleted', () => {
  const { cache, put, keys } = world();
  put('a', 6);
  put('a', 4);
  put('b', 6);
  expect([cache.isCrowded(), keys()]).toEqual([false, 'ab']);
  cache.countMembers(1);
  expect(cache.isCrowded()).toBe(true);
  cache.countMembers(-1);
  cache.delete('a');
  cache.delete('a');
  put('c', 4);
  expect(keys()).toBe('bc');
});

it('a pinned fact stays, however crowded the cache is', () => {
  const { cache, put, keys } = world();
  put('a', 4);
  put('b', 4);
  put('c', 20);
  expect([keys(), cache.isCrowded()]).toEqual(['c', true]);
});

it('a pinned fact that grew stays, although it was set first', () => {
  const { cache, put, keys } = world();
  put('a', 4);
  put('b', 4);
  cache.countMembers(3);
  cache.makeRoom('a');
  expect(keys()).toBe('a');
});
