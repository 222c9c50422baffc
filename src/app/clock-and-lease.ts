import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '../platform/kernel/clock.ts';
import { type ClockPeers, clockPeers } from '../platform/postgres/clock-peers.ts';
import type { Database } from '../platform/postgres/database.ts';
import { type NodeClock, openNodeClock } from '../platform/postgres/node-clock.ts';
import { leaseNode, type NodeLease } from '../platform/postgres/node-lease.ts';
import type { NodeRange } from '../platform/postgres/node-numbers.ts';
import { compareProcesses } from './compare-processes.ts';

interface ClockAndLeaseParts {
  readonly wall: Clock;
  readonly range: NodeRange;
  /** Rejects when this process may make no ids in this database. Default: it may. */
  readonly beforeLease?: ((nowMs: number) => Promise<void>) | undefined;
  /** Published with the lease, then compared with those of other processes. Absent: none. */
  readonly checks?: readonly string[];
  readonly metrics: Registry;
  readonly log: Logger;
}

/** Opens the node clock and leases a node number. Closes the database when either fails. */
export async function openClockAndLease(
  database: Database,
  { wall, range, beforeLease, checks = [], metrics, log }: ClockAndLeaseParts,
): Promise<{ readonly nodeClock: NodeClock; readonly peers: ClockPeers; readonly lease: NodeLease }> {
  const { vital: pool } = database;
  let nodeClock: NodeClock | undefined;
  let lease: NodeLease | undefined;
  try {
    nodeClock = await openNodeClock({ pool, wall, metrics, log });
    await beforeLease?.(nodeClock.estimate());
    lease = await leaseNode({ pool, clock: nodeClock.estimate, range, processChecks: checks, log });
    if (checks.length > 0) await compareProcesses(pool, lease.holder, checks, log);
    const peers = clockPeers(pool, lease);
    await nodeClock.publishTo(peers.publish);
    return { nodeClock, peers, lease };
  } catch (error) {
    await Promise.allSettled([nodeClock?.stop(), lease?.stop()]);
    await database.close();
    throw error;
  }
}

/** Rejects when other nodes agree with the database's clock and this one does not. */
export async function assertClockServable(peers: ClockPeers): Promise<void> {
  if (await peers.isOnlyOwnClockWrong())
    throw new Error('the clock of this node is wrong, and those of other nodes are right');
}

/** Rejects when this node's clock is more than 2 s from the database's, or when that is not known. */
export async function assertClockTrusted(nodeClock: NodeClock, peers: ClockPeers): Promise<void> {
  if (peers.isSkewed() || !nodeClock.isTrusted()) throw new Error('the clock of this node is not that of the database');
}
