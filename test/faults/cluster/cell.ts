import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterFault, held } from './cluster-faults.ts';
import { startLoad } from './loads.ts';
import type { ClusterPart, LoadName } from './parts.ts';
import { type Probe, probe, type Reads, readsBetween } from './probes.ts';
import type { Session } from './session.ts';
import { isBack, type Recovery, recovery } from './timeline.ts';

/** Before it the load is uneven: connections open, code is compiled. */
const WARM_MS = 3_000;
const EVEN_MS = 5_000;
const RECOVERY_MAX_MS = 60_000;
/** Measured after the recovery, so that one that does not last is seen. */
const AFTER_MS = 5_000;
const POLL_MS = 250;
/** For a part that the load does not need, and that may be back long after the load is. */
const WHOLE_MS = 120_000;

export interface Cell {
  readonly part: ClusterPart;
  readonly fault: ClusterFault;
  readonly load: LoadName;
}

export interface CellFigures {
  readonly recovery: Recovery;
  /** Of each context while the fault lasted; after a kill, until everything was back. */
  readonly reads: readonly Reads[];
}

/** The processes that do not reach everything that they need. */
async function findLacking({ cluster }: Session): Promise<readonly string[]> {
  const lacking = (await cluster.status()).filter(({ now }) => now?.isReady !== true || now.down.length > 0);
  return lacking.map(({ name, now }) => `${name} (${now?.down.join(', ') ?? 'away'})`);
}

/** Waits until every process reaches everything that it needs. The audits read Kafka, for example. */
async function untilWhole(session: Session): Promise<void> {
  for (const untilMs = performance.now() + WHOLE_MS; ; await sleep(POLL_MS)) {
    const lacking = await findLacking(session);
    if (lacking.length === 0) return;
    if (performance.now() > untilMs) throw new Error(`not back: ${lacking.join(', ')}`);
  }
}

/**
 * Runs the load, lets the fault happen amid it, and checks afterwards everything that was promised.
 * @throws AssertionError when something of it is not so
 */
export async function runCell({ part, fault, load: name }: Cell, session: Session): Promise<CellFigures> {
  const load = await startLoad(name, session);
  const probes: Probe[] = [];
  const probing = new AbortController();
  const probed = probe(session, probes, probing.signal);
  try {
    await sleep(WARM_MS);
    const warmMs = performance.now();
    await sleep(EVEN_MS);
    const beginMs = performance.now();
    const end = await fault.begin(session, part);
    try {
      await held(fault);
    } finally {
      end();
    }
    const endMs = fault.heldMs === 0 ? beginMs : performance.now();
    const moments = { warmMs, beginMs, endMs };
    // What was in flight goes on for a moment after a kill: the rate alone does not show that the part is back.
    const isOver = async (): Promise<boolean> =>
      (await findLacking(session)).length === 0 && isBack(load.timeline, moments, performance.now());
    while (!(await isOver()) && performance.now() < endMs + RECOVERY_MAX_MS) await sleep(POLL_MS);
    const readUntilMs = fault.heldMs === 0 ? performance.now() : endMs;
    await sleep(AFTER_MS);
    const figures = recovery(load.timeline, { ...moments, untilMs: performance.now() });
    const reads = readsBetween(probes, beginMs, readUntilMs);
    await load.stop();
    await untilWhole(session);
    await load.expectKept();
    return { recovery: figures, reads };
  } finally {
    probing.abort();
    await probed;
  }
}
