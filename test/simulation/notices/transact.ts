import { Unavailable } from '../../../src/platform/kernel/refusal.ts';
import type { Kernel, Owner } from '../kernel.ts';
import type { Trouble as SessionTrouble } from '../trouble.ts';

export interface Trouble extends Pick<SessionTrouble, 'abort' | 'loseCommit' | 'crash' | 'freeze'> {
  /** An event is delivered again; the handing over of a mail fails, or its response is lost. */
  readonly duplicate: number;
  readonly refuse: number;
  readonly loseResponse: number;
}

export const NO_TROUBLE: Trouble = {
  ...{ abort: 0, loseCommit: 0, crash: 0, freeze: 0, duplicate: 0, refuse: 0, loseResponse: 0 },
};

/** How often a transaction looks whether the lock is free. */
const WAIT_MS = 5_000;

/**
 * Runs a transaction: `prepare` reads, and may wait for others, under the one lock of the model; what it returns is applied in one step, if the process
 * lives until then. The response of a COMMIT may be lost, whether it was committed or not: then it rejects with Unavailable.
 */
export type Transact = <Result>(owner: Owner, what: string, prepare: () => Promise<() => Result>) => Promise<Result>;

export function openTransact(kernel: Kernel, trouble: () => Trouble): Transact {
  const { chance } = kernel;
  const lost = () => new Unavailable('DEPENDENCY_UNAVAILABLE', 'the database did not respond');
  let holder: Owner | undefined;
  const isHeld = () => holder !== undefined && holder.status !== 'DEAD';
  return async (owner, what, prepare) => {
    await kernel.turn(owner, '');
    while (isHeld()) await kernel.until(owner, kernel.clock() + WAIT_MS, '');
    // The database ends the session of a process that is gone. One that is frozen keeps its locks.
    holder = owner;
    let commit: Awaited<ReturnType<typeof prepare>>;
    try {
      commit = await prepare();
      await kernel.turn(owner, what);
      if (chance.happens(trouble().abort)) throw lost();
    } catch (error) {
      holder = undefined;
      throw error;
    }
    holder = undefined;
    const isLost = chance.happens(trouble().loseCommit);
    if (isLost && chance.happens(0.5)) throw lost();
    const result = commit();
    // The process may end here, with its effect committed.
    await kernel.turn(owner, '');
    if (isLost) throw lost();
    return result;
  };
}
