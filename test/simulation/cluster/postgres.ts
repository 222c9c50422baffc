import type { Kernel } from '../kernel.ts';
import type { Connection } from './database.ts';
import { emptyTables, type Tables } from './tables.ts';
import { openServer, type Server } from './transactions.ts';

/** A primary with a synchronous standby. Which host is the primary is not seen from outside. */
export interface Postgres {
  readonly tables: Tables;
  readonly connections: Set<Connection>;
  server(): Server;
  /** No server takes connections. */
  isAway(): boolean;
  /** The advisory lock of the relay: false while another session has it. */
  takeRelayLock(session: Connection): boolean;
  /**
   * The primary dies. Its standby, or the same host, takes over after a while: with every commit that was confirmed, and with some of
   * those that were not.
   */
  crash(): void;
}

const AWAY_MS = [0, 300, 2_000, 9_000];

export function openPostgres(kernel: Kernel, complain: (problem: string) => void, onCommit: () => void): Postgres {
  const { chance } = kernel;
  const tables = emptyTables();
  const connections = new Set<Connection>();
  let lives = 1;
  let awayUntilMs = 0;
  const open = (): Server =>
    openServer({ kernel, name: 'postgres', tables, firstId: lives * 1_000_000, complain, onCommit });
  let server = open();
  let relaying: Connection | undefined;

  return {
    tables,
    connections,
    server: () => server,
    isAway: () => kernel.clock() < awayUntilMs,
    takeRelayLock(session) {
      if (relaying?.hasSession()) return false;
      relaying = session;
      return true;
    },
    crash() {
      const left = [...connections];
      server.crash((unconfirmed) => {
        const survivors = chance.between(0, unconfirmed);
        kernel.say(
          'postgres',
          () => `DIES; ${survivors} of ${unconfirmed} unconfirmed commits are on the next primary`,
        );
        return survivors;
      });
      lives += 1;
      awayUntilMs = kernel.clock() + chance.of(AWAY_MS);
      server = open();
      // The others find out when they get no response.
      for (const connection of left) if (chance.happens(0.7)) void connection.break();
    },
  };
}
