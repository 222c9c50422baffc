import type { Chance } from '../chance.ts';
import type { Trouble as ClusterTrouble } from '../cluster/trouble.ts';
import type { Trouble as SessionTrouble } from '../trouble.ts';

/** How likely what is to go wrong; each is a probability at each occasion. */
export interface Trouble
  extends Pick<SessionTrouble, 'abort' | 'silent' | 'loseCommit' | 'loseQuestion'>,
    Pick<ClusterTrouble, 'slow' | 'loseRequest' | 'loseResponse' | 'crash' | 'freeze' | 'redis' | 'wallJump'> {}

const NONE: Trouble = {
  ...{ abort: 0, silent: 0, loseCommit: 0, loseQuestion: 0, slow: 0, loseRequest: 0, loseResponse: 0 },
  ...{ crash: 0, freeze: 0, redis: 0, wallJump: 0 },
};

/** Much of everything hides what a little of one thing would show; so a seed chooses how much of what. */
export function troubleOf(chance: Chance): Trouble {
  const kind = chance.weighted({ calm: 2, network: 4, sessions: 3, processes: 3, all: 4 });
  const scale = chance.of([0.5, 1, 3]);
  const network = { slow: 0.06 * scale, loseRequest: 0.03 * scale, loseResponse: 0.08 * scale, redis: 0.004 * scale };
  const sessions = { abort: 0.03 * scale, silent: 0.01 * scale, loseCommit: 0.06 * scale, loseQuestion: 0.3 * scale };
  const processes = { crash: 0.004 * scale, freeze: 0.004 * scale, wallJump: 0.004 * scale };
  switch (kind) {
    case 'calm':
      return NONE;
    case 'network':
      return { ...NONE, ...network };
    case 'sessions':
      return { ...NONE, ...sessions, slow: 0.03 * scale };
    case 'processes':
      return { ...NONE, ...processes, redis: 0.004 * scale };
    case 'all':
      return { ...network, ...sessions, ...processes };
  }
}

export { NONE as NO_TROUBLE };
