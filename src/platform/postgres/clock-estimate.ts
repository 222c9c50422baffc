import type { Clock } from '../kernel/clock.ts';

/** The sample with the shortest round trip counts. */
const SAMPLES = 5;
/** Two measurements may fail before the estimate is no longer trusted. */
const AGE_MAX_MS = 150_000;
const UNCERTAINTY_MAX_MS = 1_000;
/** The wall clock and the monotonic clock go apart by this much only when one of them jumped. NTP slews by 30 ms a minute. */
const JUMP_MS = 500;

export interface Measurement {
  /** What has to be added to the node's wall clock to get the database's, in ms. */
  readonly offsetMs: number;
  /** Half of the round trip, in ms. */
  readonly uncertaintyMs: number;
  /** What the database's clock showed, in ms. */
  readonly databaseMs: number;
}

/** A measurement, with what the clocks of this machine showed in the middle of its round trip. */
export interface Sample extends Measurement {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** The clocks of one machine, in ms. */
export interface MachineClocks {
  /** It may be wrong, and it may jump. */
  readonly wall: Clock;
  /** A monotonic clock. It stops while the machine is suspended. */
  readonly monotonic: () => number;
}

/**
 * Reads the database's clock a few times and returns the sample with the shortest round trip. A sample during which one of the
 * machine's clocks jumped is ignored: the database may have read its clock before the machine was suspended.
 * @throws what `readDatabase` throws, and when a clock jumped in every sample
 */
export async function measureOffset(machine: MachineClocks, readDatabase: () => Promise<number>): Promise<Sample> {
  let best: Sample | undefined;
  for (let taken = 0; taken < SAMPLES; taken++) {
    const sample = await sampleOf(machine, readDatabase);
    if (sample && (!best || sample.uncertaintyMs < best.uncertaintyMs)) best = sample;
  }
  if (!best) throw new Error(`a clock of this machine jumped in each of ${SAMPLES} samples`);
  return best;
}

async function sampleOf({ wall, monotonic }: MachineClocks, readDatabase: () => Promise<number>) {
  const sent = { wallMs: wall(), monotonicMs: monotonic() };
  const databaseMs = await readDatabase();
  const tookMs = monotonic() - sent.monotonicMs;
  if (Math.abs(wall() - sent.wallMs - tookMs) > JUMP_MS) return undefined;
  const uncertaintyMs = tookMs / 2;
  const wallMs = wall() - uncertaintyMs;
  return {
    databaseMs,
    offsetMs: databaseMs - wallMs,
    uncertaintyMs,
    wallMs,
    monotonicMs: sent.monotonicMs + uncertaintyMs,
  };
}

/** The database's clock by the last measurement. Between two measurements it follows the monotonic clock of the machine. */
export interface ClockEstimate {
  readonly estimate: Clock;
  last(): Sample;
  /** From now on the estimate follows this measurement. */
  accept(sample: Sample): void;
  /** True while the estimate may be wrong: see `NodeClock`. */
  isSuspect(): boolean;
  isTrusted(): boolean;
  observe(databaseMs: number, sentMs: number): void;
}

/** `onSuspect` is called whenever the estimate turns out not to fit a clock; `isFirst` since the last measurement. */
export function clockEstimate(
  { wall, monotonic }: MachineClocks,
  first: Sample,
  onSuspect: (reason: string, byMs: number, isFirst: boolean) => void,
): ClockEstimate {
  let last = first;
  let isSuspect = false;

  function suspect(reason: string, byMs: number): void {
    const isFirst = !isSuspect;
    isSuspect = true;
    onSuspect(reason, byMs, isFirst);
  }

  function estimate(): number {
    const passedMs = monotonic() - last.monotonicMs;
    const apartMs = wall() - last.wallMs - passedMs;
    if (Math.abs(apartMs) > JUMP_MS) suspect('the clock of this machine jumped, or the machine was suspended', apartMs);
    return Math.floor(last.databaseMs + passedMs);
  }

  return {
    estimate,
    last: () => last,
    accept(sample) {
      last = sample;
      isSuspect = false;
    },
    isSuspect: () => isSuspect,
    isTrusted() {
      estimate();
      return !isSuspect && monotonic() - last.monotonicMs < AGE_MAX_MS && last.uncertaintyMs <= UNCERTAINTY_MAX_MS;
    },
    observe(databaseMs, sentMs) {
      const byMs = databaseMs < sentMs ? databaseMs - sentMs : Math.max(0, databaseMs - estimate());
      if (Math.abs(byMs) > UNCERTAINTY_MAX_MS) suspect("the database's clock is not what this node estimated", byMs);
    },
  };
}
