import type { Kernel, Owner } from '../kernel.ts';

/** Carries messages between processes. A cut is in one direction, and its messages arrive when it heals: TCP sends them again. */
export interface Network {
  /** Resolves as a step of the receiver; never when that has ended by then. */
  carry(from: Owner, to: Owner): Promise<void>;
  /** `a` and `b` are names of processes. Returns how to heal it. */
  cut(a: string, b: string): () => void;
  healAll(): void;
}

/** A direction of a connection, which keeps the order of its messages. */
export type Channel = (from: Owner, to: Owner) => Promise<void>;

export interface NetworkOptions {
  readonly kernel: Kernel;
  /** How likely a message takes long. */
  readonly slow: () => number;
}

const SLOW_MS = [30, 150, 400, 700, 1_100, 3_500];

export function openNetwork({ kernel, slow }: NetworkOptions): Network {
  const { chance } = kernel;
  const cuts = new Map<string, PromiseWithResolvers<void>>();

  function heal(key: string): void {
    cuts.get(key)?.resolve();
    cuts.delete(key);
  }

  return {
    async carry(from, to) {
      await cuts.get(`${from.name} > ${to.name}`)?.promise;
      if (chance.happens(slow())) await kernel.until(to, kernel.clock() + chance.of(SLOW_MS), '');
      else await kernel.turn(to, '');
    },
    cut(a, b) {
      const key = `${a} > ${b}`;
      if (!cuts.has(key)) cuts.set(key, Promise.withResolvers());
      return () => heal(key);
    },
    healAll() {
      for (const key of [...cuts.keys()]) heal(key);
    },
  };
}

/** One message after the other. */
export function channel(network: Network): Channel {
  let last: Promise<void> = Promise.resolve();
  return (from, to) => {
    last = last.then(() => network.carry(from, to));
    return last;
  };
}
