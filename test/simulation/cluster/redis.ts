import { Registry } from 'prom-client';
import { openSharedFacts, type SharedFacts } from '../../../src/platform/redis/facts/shared-facts.ts';
import type { Redis } from '../../../src/platform/redis/redis.ts';
import type { Kernel, Owner } from '../kernel.ts';
import type { Network } from './network.ts';
import type { Trouble } from './trouble.ts';

type Hash = ReadonlyMap<string, string>;
interface Stored {
  readonly hash: Hash;
  readonly expiresAtMs: number;
}

/** The server: what it holds outlives none of its troubles for certain. */
export interface SimulatedRedis {
  readonly owner: Owner;
  /** Executes a script for a process, at once or with delays on the way. */
  run: Redis['run'];
  /** It loses everything, or gets back what it had some time ago. */
  lose(): void;
  restore(): void;
  /** Its clock is set. */
  jump(ms: number): void;
}

const SLOW = 0.3;

export function openRedis(
  kernel: Kernel,
  network: Network,
  trouble: () => Pick<Trouble, 'loseRequest'>,
): SimulatedRedis {
  const { chance } = kernel;
  const owner: Owner = { name: 'redis', status: 'UP' };
  let stored = new Map<string, Stored>();
  let snapshot = new Map<string, Stored>();
  let aheadMs = chance.of([0, 0, 20_000, -20_000]);
  const now = () => kernel.clock() + aheadMs;

  const read = (key: string): Hash | undefined => {
    const found = stored.get(key);
    return found && now() < found.expiresAtMs ? found.hash : undefined;
  };

  /** The scripts of src/platform/redis/facts, which run there as one step each. */
  const scripts = { 'Reads a': readFact, 'Stores a': recordFact, 'Removes a': forgetFact };

  function readFact([factKey = '', membersKey = '']: readonly string[], args: readonly string[]): unknown {
    const [trust, database] = args.map(Number) as [number, number];
    const fact = read(factKey);
    if (!fact) return [now()];
    const [at, readAt, epoch, sequence, until] = ['at', 'read', 'epoch', 'sequence', 'until'].map((name) =>
      Number(fact.get(name)),
    ) as [number, number, number, number, number];
    const left = Math.min(trust - (now() - at), trust - (database - readAt));
    if (left <= 0 || left > trust || now() < at || database < readAt || database >= until) return [now()];
    const members = read(membersKey);
    const hasAll = members?.get('complete') === `${epoch} ${sequence}`;
    const answers = args.slice(2).map((member) => (hasAll ? (members?.get(member) ?? -1) : 1));
    return [now(), left, epoch, sequence, ...answers];
  }

  function recordFact([factKey = '', membersKey]: readonly string[], args: readonly string[]): unknown {
    const [trust = 0, given = 0, readAt, epoch = 0, sequence = 0, until] = args.slice(0, 6).map(Number);
    if (now() < given || now() >= given + trust) return 0;
    const before = read(factKey);
    let at = given;
    if (before) {
      const [beforeEpoch, beforeSequence] = [Number(before.get('epoch')), Number(before.get('sequence'))];
      if (epoch < beforeEpoch || (epoch === beforeEpoch && sequence < beforeSequence)) return 0;
      if (epoch === beforeEpoch && sequence === beforeSequence) at = Math.max(at, Number(before.get('at')));
    }
    const fields = { at: given, read: readAt, epoch, sequence, until };
    const hash = new Map(Object.entries(fields).map(([name, value]) => [name, String(value)]));
    if (at === given) stored.set(factKey, { hash, expiresAtMs: at + trust });
    if (membersKey === undefined) return 1;
    const state = `${epoch} ${sequence}`;
    const members = args.slice(6);
    if (members.length > 0) {
      const all = new Map([['complete', state]]);
      for (let place = 0; place < members.length; place += 2) all.set(members[place] ?? '', members[place + 1] ?? '');
      stored.set(membersKey, { hash: all, expiresAtMs: Number.POSITIVE_INFINITY });
    }
    const known = read(membersKey);
    if (known?.get('complete') !== state) return 1;
    stored.set(membersKey, { hash: known, expiresAtMs: at + trust });
    return 2;
  }

  function forgetFact(keys: readonly string[]): unknown {
    return keys.filter((key) => stored.delete(key)).length;
  }

  return {
    owner,
    async run({ text }, keys, args) {
      const found = Object.entries(scripts).find(([begin]) => text.startsWith(`-- ${begin}`));
      if (!found) throw new Error(`a script that the simulation does not know: ${text}`);
      const [, script] = found;
      const process = kernel.current();
      if (!process || !chance.happens(SLOW)) return owner.status === 'UP' ? script(keys, args) : undefined;
      // The product waits 10 ms for a result. One that is used later is worse than any that it uses.
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const cancel = kernel.schedule(process, kernel.clock() + chance.of([10, 500]), () => resolve(undefined));
      void (async () => {
        await network.carry(process, owner);
        if (chance.happens(trouble().loseRequest)) return;
        const reply = script(keys, args);
        await network.carry(owner, process);
        cancel();
        resolve(reply);
      })();
      return await promise;
    },
    lose() {
      stored = new Map();
    },
    restore() {
      [stored, snapshot] = [new Map(snapshot), new Map(stored)];
    },
    jump(ms) {
      aheadMs += ms;
    },
  };
}

/** It stands still, loses its data, gets old data back, or its clock is set. */
export function disturbRedis({ chance, say }: Kernel, redis: SimulatedRedis, freeze: (owner: Owner) => void): void {
  const what = chance.weighted({ freeze: 2, lose: 1, restore: 2, jump: 2 });
  if (what !== 'freeze') say('redis', () => `its data or its clock changes: ${what}`);
  if (what === 'freeze') freeze(redis.owner);
  else if (what === 'jump') redis.jump(chance.of([-3_000, -400, 400, 3_000]));
  else redis[what]();
}

/** Of the run that is under way. The scripts are read from files, which no step of a run may wait for. */
let active: SimulatedRedis | undefined;
export const sharedFacts: SharedFacts = await openSharedFacts(
  {
    run: async (...call) => await active?.run(...call),
    check: () => Promise.resolve(),
    close: () => {},
  },
  new Registry(),
);
export function useRedis(redis: SimulatedRedis | undefined): void {
  active = redis;
}
