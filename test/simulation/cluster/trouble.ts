import type { Chance } from '../chance.ts';
import { chooseFaults } from '../fault-profile.ts';

/** How likely what is to go wrong in a cluster. */
export interface Trouble {
  /** A message takes long. */
  readonly slow: number;
  /** A response to a client, or from one service to another, gets lost. */
  readonly loseResponse: number;
  /** A request to another service or to Redis gets lost, or the bus takes none. */
  readonly loseRequest: number;
  /** The bus stores events, and its response gets lost; or an event is delivered once more. */
  readonly duplicate: number;
  /** At each step: a process ends and is started again. */
  readonly crash: number;
  readonly freeze: number;
  /** At each step: one direction between two processes is cut. */
  readonly cut: number;
  /** At each step: a connection to PostgreSQL is reset. */
  readonly reset: number;
  /** A session of PostgreSQL gets no CPU for a while. */
  readonly stall: number;
  /** At each step: the primary of PostgreSQL ends, or is frozen. */
  readonly failover: number;
  readonly freezePostgres: number;
  /** At each step: Redis is frozen, loses its data, or gets old data back; or its clock is set. */
  readonly redis: number;
  /** At each step: the wall clock of a machine is set. */
  readonly wallJump: number;
}

export const NO_TROUBLE: Trouble = {
  slow: 0,
  loseResponse: 0,
  loseRequest: 0,
  duplicate: 0,
  crash: 0,
  freeze: 0,
  cut: 0,
  reset: 0,
  stall: 0,
  failover: 0,
  freezePostgres: 0,
  redis: 0,
  wallJump: 0,
};

export const troubleOf = (chance: Chance): Trouble =>
  chooseFaults(chance, {
    none: NO_TROUBLE,
    weights: { calm: 1, late: 8, network: 5, sessions: 5, processes: 4, failover: 3, all: 5 },
    scales: [0.5, 1, 3],
    kinds(scale) {
      const network = { slow: 0.05 * scale, loseResponse: 0.05 * scale, loseRequest: 0.03 * scale, cut: 0.006 * scale };
      const sessions = {
        slow: 0.04 * scale,
        reset: 0.012 * scale,
        stall: 0.06 * scale,
        freezePostgres: 0.002 * scale,
        redis: 0.01 * scale,
      };
      const processes = {
        crash: 0.005 * scale,
        freeze: 0.006 * scale,
        wallJump: 0.004 * scale,
        duplicate: 0.1 * scale,
      };
      const failover = { failover: 0.004 * scale, reset: 0.004 * scale };
      return {
        calm: () => ({}),
        late: () => ({ slow: chance.of([0.1, 0.25, 0.5]), redis: 0.01 * scale }),
        network: () => network,
        sessions: () => sessions,
        processes: () => processes,
        failover: () => failover,
        all: () => ({ ...network, ...sessions, ...processes, ...failover }),
      };
    },
  });
