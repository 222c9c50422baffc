import type { Chance } from './chance.ts';
import { chooseFaults } from './fault-profile.ts';

/** How likely what is to go wrong; each is a probability at each occasion. */
export interface Trouble {
  /** A transaction is rolled back. */
  readonly abort: number;
  /** The response to a COMMIT is lost; the transaction is committed, rolled back, or is committed later. */
  readonly loseCommit: number;
  /** The look-up of its outcome gets no response. */
  readonly loseLookup: number;
  /** A call to PostgreSQL or to the provider gets no response, and its connection stays open. */
  readonly silent: number;
  /** A command is delayed, while its retry is faster. */
  readonly slow: number;
  /** A call to the provider gets lost on its way there, or on its way back. */
  readonly loseRequest: number;
  readonly loseResponse: number;
  /** A message is delivered once more. */
  readonly duplicate: number;
  /** At each step: a process is killed, frozen, or time jumps. */
  readonly crash: number;
  readonly freeze: number;
  readonly jump: number;
  /** At each step: the wall clock of a node is set. */
  readonly wallJump: number;
  /** At each step: PostgreSQL or the provider goes away, for a while. */
  readonly outage: number;
  /** At each step: the sessions of a node become read-only, for a while. */
  readonly readOnly: number;
}

export const NO_TROUBLE: Trouble = {
  abort: 0,
  loseCommit: 0,
  loseLookup: 0,
  silent: 0,
  slow: 0,
  loseRequest: 0,
  loseResponse: 0,
  duplicate: 0,
  crash: 0,
  freeze: 0,
  jump: 0,
  wallJump: 0,
  outage: 0,
  readOnly: 0,
};

export const troubleOf = (chance: Chance): Trouble =>
  chooseFaults(chance, {
    none: NO_TROUBLE,
    weights: { calm: 1, clock: 2, messages: 3, processes: 3, late: 6, sessions: 6, all: 6 },
    scales: [0.4, 1, 2.5],
    kinds(scale) {
      const messages = {
        abort: 0.02 * scale,
        loseCommit: 0.03 * scale,
        slow: 0.04 * scale,
        loseRequest: 0.06 * scale,
        loseResponse: 0.1 * scale,
        duplicate: 0.2 * scale,
      };
      const processes = { crash: 0.006 * scale, freeze: 0.004 * scale, outage: 0.002 * scale };
      const sessions = { loseLookup: 0.3 * scale, silent: 0.015 * scale, readOnly: 0.004 * scale };
      const clock = { jump: 0.012 * scale, wallJump: 0.006 * scale };
      return {
        calm: () => ({}),
        clock: () => ({ ...clock, freeze: 0.006 * scale }),
        messages: () => ({ ...messages, jump: 0.003 }),
        processes: () => ({ ...processes, jump: 0.003 }),
        late: () => ({ freeze: 0.01 * scale, slow: 0.08 * scale, loseCommit: 0.06 * scale, jump: 0.005 }),
        sessions: () => ({ ...sessions, abort: 0.02 * scale, loseCommit: 0.08 * scale, jump: 0.004 }),
        all: () => ({ ...messages, ...processes, ...clock, ...sessions }),
      };
    },
  });

/** Something that was made to fail; everything else that is thrown and is not Unavailable is a bug. */
export class Arranged extends Error {}
