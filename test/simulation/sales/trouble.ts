import type { Chance } from '../chance.ts';
import type { Trouble as ClusterTrouble } from '../cluster/trouble.ts';
import { chooseFaults } from '../fault-profile.ts';
import type { Trouble as SessionTrouble } from '../trouble.ts';

/** How likely what is to go wrong; each is a probability at each occasion. */
export interface Trouble
  extends Pick<SessionTrouble, 'abort' | 'silent' | 'loseCommit' | 'loseLookup'>,
    Pick<ClusterTrouble, 'slow' | 'loseRequest' | 'loseResponse' | 'crash' | 'freeze' | 'redis' | 'wallJump'> {}

export const NO_TROUBLE: Trouble = {
  ...{ abort: 0, silent: 0, loseCommit: 0, loseLookup: 0, slow: 0, loseRequest: 0, loseResponse: 0 },
  ...{ crash: 0, freeze: 0, redis: 0, wallJump: 0 },
};

export const troubleOf = (chance: Chance): Trouble =>
  chooseFaults(chance, {
    none: NO_TROUBLE,
    weights: { calm: 2, network: 4, sessions: 3, processes: 3, all: 4 },
    scales: [0.5, 1, 3],
    kinds(scale) {
      const network = {
        slow: 0.06 * scale,
        loseRequest: 0.03 * scale,
        loseResponse: 0.08 * scale,
        redis: 0.004 * scale,
      };
      const sessions = { abort: 0.03 * scale, silent: 0.01 * scale, loseCommit: 0.06 * scale, loseLookup: 0.3 * scale };
      const processes = { crash: 0.004 * scale, freeze: 0.004 * scale, wallJump: 0.004 * scale };
      return {
        calm: () => ({}),
        network: () => network,
        sessions: () => ({ ...sessions, slow: 0.03 * scale }),
        processes: () => ({ ...processes, redis: 0.004 * scale }),
        all: () => ({ ...network, ...sessions, ...processes }),
      };
    },
  });
