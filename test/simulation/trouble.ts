import type { Chance } from './chance.ts';

/** How likely what is to go wrong; each is a probability at each occasion. */
export interface Trouble {
  /** A transaction is rolled back. */
  readonly abort: number;
  /** The response to a COMMIT is lost; the transaction is committed, rolled back, or is committed later. */
  readonly loseCommit: number;
  /** The look-up of its outcome gets no response. */
  readonly loseQuestion: number;
  /** A call to PostgreSQL or to the provider gets no response, and its connection stays open. */
  readonly silent: number;
  /** A command is delayed, while its retry is faster. */
  readonly slow: number;
  /** A call to the provider gets lost on its way there, or on its way back. */
  readonly loseCall: number;
  readonly loseAnswer: number;
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

const NONE: Trouble = {
  abort: 0,
  loseCommit: 0,
  loseQuestion: 0,
  silent: 0,
  slow: 0,
  loseCall: 0,
  loseAnswer: 0,
  duplicate: 0,
  crash: 0,
  freeze: 0,
  jump: 0,
  wallJump: 0,
  outage: 0,
  readOnly: 0,
};

/** Much of everything hides what a little of one thing would show; so a seed chooses how much of what. */
export function troubleOf(chance: Chance): Trouble {
  const kind = chance.weighted({ calm: 1, clock: 2, messages: 3, processes: 3, late: 6, sessions: 6, all: 6 });
  const scale = chance.of([0.4, 1, 2.5]);
  const messages = {
    abort: 0.02 * scale,
    loseCommit: 0.03 * scale,
    slow: 0.04 * scale,
    loseCall: 0.06 * scale,
    loseAnswer: 0.1 * scale,
    duplicate: 0.2 * scale,
  };
  const processes = { crash: 0.006 * scale, freeze: 0.004 * scale, outage: 0.002 * scale };
  const sessions = { loseQuestion: 0.3 * scale, silent: 0.015 * scale, readOnly: 0.004 * scale };
  const clock = { jump: 0.012 * scale, wallJump: 0.006 * scale };
  switch (kind) {
    case 'calm':
      return NONE;
    case 'clock':
      return { ...NONE, ...clock, freeze: 0.006 * scale };
    case 'messages':
      return { ...NONE, ...messages, jump: 0.003 };
    case 'processes':
      return { ...NONE, ...processes, jump: 0.003 };
    case 'late':
      return { ...NONE, freeze: 0.01 * scale, slow: 0.08 * scale, loseCommit: 0.06 * scale, jump: 0.005 };
    case 'sessions':
      return { ...NONE, ...sessions, abort: 0.02 * scale, loseCommit: 0.08 * scale, jump: 0.004 };
    case 'all':
      return { ...messages, ...processes, ...clock, ...sessions };
  }
}

export { NONE as NO_TROUBLE };

/** Something that was made to fail; everything else that is thrown and is not Unavailable is a bug. */
export class Arranged extends Error {}
