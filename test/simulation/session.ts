import { ConnectionLost, NoWritableServer, OutcomeUnknown } from '../../src/platform/postgres/failures.ts';
import { settleLostCommit } from '../../src/platform/postgres/lost-commit.ts';
import type { Owner } from './kernel.ts';
import type { Trouble } from './trouble.ts';
import type { World } from './world.ts';

/** The connections of a node to PostgreSQL: what may become of a transaction, as `batchTransaction` sees it. */
export interface SimulatedSession {
  /**
   * `effect` happens whole or not at all. Rejects with what the real one rejects with: errors of PostgreSQL, connections that were
   * lost or given up, and COMMITs with an unknown outcome.
   */
  transaction<Result>(effect: () => Promise<Result>): Promise<Result>;
}

const NETWORK: Owner = { name: 'network', status: 'UP' };
/** A session without a response is given up after this long. */
const RESPONSE_TIMEOUT_MS = 6_000;
/** What waits in a silent connection may still arrive. */
const LATE_MAX_MS = 5_000;

interface SessionDeps extends Pick<World, 'kernel' | 'complain' | 'isAway'> {
  readonly trouble: () => Pick<Trouble, 'abort' | 'silent' | 'loseCommit' | 'loseLookup'>;
}

export function simulatedSession(world: SessionDeps, owner: Owner): SimulatedSession {
  const { kernel, complain } = world;
  const { chance } = kernel;
  const pause = (ms: number) => kernel.until(owner, kernel.clock() + ms, '');
  const timer = { now: kernel.clock, pause };

  /** Asks as the real one does, and complains when the truth is another one. */
  async function settle<Result>(result: Result, fate: Fate): Promise<Result> {
    const lost = new ConnectionLost('the connection broke at COMMIT');
    const ask = async () => {
      await kernel.turn(owner, '');
      const isLost = chance.happens(world.trouble().loseLookup);
      if (fate === 'late' || isLost || world.isAway('postgres'))
        throw new ConnectionLost('no response to the question');
      return fate === 'committed';
    };
    try {
      const settled = await settleLostCommit(result, lost, ask, timer);
      if (fate !== 'committed') complain(`a transaction was taken for committed, and is ${fate}`);
      return settled;
    } catch (error) {
      if (fate !== 'rolled back' && !(error instanceof OutcomeUnknown))
        complain(`a transaction was taken for rolled back, and is ${fate}`);
      throw error;
    }
  }

  async function loseResponse<Result>(effect: () => Promise<Result>): Promise<Result> {
    const fate = chance.weighted({ committed: 4, 'rolled back': 1, late: 1 });
    const isSilent = chance.happens(0.3);
    kernel.say(owner.name, () => `the response to a COMMIT is lost${isSilent ? ' in silence' : ''}: it is ${fate}`);
    const result = fate === 'committed' ? await effect() : undefined;
    if (fate === 'late') {
      const atMs = kernel.clock() + chance.below(LATE_MAX_MS);
      void kernel
        .until(NETWORK, atMs, 'a late COMMIT arrives')
        .then(effect)
        .catch(() => {});
    }
    if (isSilent) await pause(RESPONSE_TIMEOUT_MS);
    return await settle(result as Result, fate);
  }

  return {
    async transaction(effect) {
      const { abort, silent, loseCommit } = world.trouble();
      if (world.isAway('postgres')) throw new ConnectionLost('the connection was refused');
      if (world.isAway(`writes of ${owner.name}`)) {
        kernel.say(owner.name, () => 'its session is read-only');
        throw chance.happens(0.7) ? refusedBy('25006') : new NoWritableServer('no host takes writes');
      }
      if (chance.happens(abort)) {
        kernel.say(owner.name, () => 'a transaction is rolled back');
        throw chance.happens(0.5) ? refusedBy('40P01') : new ConnectionLost('the connection broke');
      }
      if (chance.happens(silent)) {
        kernel.say(owner.name, () => 'a connection is silent before its COMMIT');
        await pause(RESPONSE_TIMEOUT_MS);
        throw new ConnectionLost(`no response within ${RESPONSE_TIMEOUT_MS} ms`);
      }
      return chance.happens(loseCommit) ? await loseResponse(effect) : await effect();
    },
  };
}

type Fate = 'committed' | 'rolled back' | 'late';

const refusedBy = (code: string): Error => Object.assign(new Error(`PostgreSQL: ${code}`), { severity: 'ERROR', code });
