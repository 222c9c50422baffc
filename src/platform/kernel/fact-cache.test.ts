import { expect, it } from 'vitest';
import { factCache } from './fact-cache.ts';

interface Fact {
  readonly readAtMs: number;
  refreshStartedAtMs: number;
  members: number;
}

const fact = (members = 0): Fact => ({ readAtMs: 0, refreshStartedAtMs: 0, members });

/** At most three facts with ten members together. A fact that is shed loses its members, and is recorded. */
function world() {
  const shed: string[] = [];
  const cache = factCache<string, Fact>({
    factsMax: 3,
    membersMax: 10,
    membersOf: ({ members }) => members,
    shed: (key, crowded) => {
      shed.push(key);
      cache.countMembers(-crowded.members);
      crowded.members = 0;
    },
  });
  const put = (key: string, members = 0) => {
    cache.set(key, fact(members));
    cache.makeRoom();
  };
  const keys = () => ['a', 'b', 'c', 'd', 'e'].filter((key) => cache.get(key) !== undefined).join('');
  return { cache, put, keys, shed };
}

it('a full cache evicts the facts that were set first, and a fact that was set again is one of the last', () => {
  const { cache, put, keys } = world();
  expect(cache.isEmpty()).toBe(true);
  for (const key of ['a', 'b', 'c', 'd']) put(key);
  expect(keys()).toBe('bcd');
  put('b');
  put('e');
  expect(keys()).toBe('bde');
});

it('a crowded cache sheds the members of the facts that were set first, no more than needed', () => {
  const { put, keys, shed } = world();
  put('a', 4);
  put('b', 4);
  put('c', 4);
  expect([keys(), shed]).toEqual(['abc', ['a']]);
});

it('members count until their fact is replaced, changed or deleted', () => {
  const { cache, put, shed } = world();
  put('a', 6);
  put('a', 4);
  put('b', 6);
  expect([cache.isCrowded(), shed]).toEqual([false, []]);
  cache.countMembers(1);
  expect(cache.isCrowded()).toBe(true);
  cache.countMembers(-1);
  cache.delete('a');
  cache.delete('a');
  put('c', 4);
  expect(shed).toEqual([]);
});

it('a pinned fact stays, however crowded the cache is', () => {
  const { cache, put, keys, shed } = world();
  put('a', 4);
  put('b', 4);
  cache.set('c', fact(20));
  cache.makeRoom('c');
  expect([keys(), shed, cache.isCrowded()]).toEqual(['abc', ['a', 'b'], true]);
});
