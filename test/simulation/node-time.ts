import type { Clock } from '../../src/platform/kernel/clock.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { clockEstimate, measureOffset } from '../../src/platform/postgres/clock-estimate.ts';
import type { Owner } from './kernel.ts';
import type { Machine } from './machine.ts';
import { TOLERANCE_MS } from './time-problems.ts';
import type { World } from './world.ts';

/** What a node takes for the database's time: the estimate as it is, over the clocks of its machine. */
export interface NodeTime {
  readonly estimate: Clock;
  /** Reads the database's clock, as scheduled work does. */
  read(): Promise<number>;
  /** A batch got this time from the database. `sentMs`: the estimate when it was sent. */
  observe(databaseMs: number, sentMs: number): void;
  /** A clock jumped since the last measurement. */
  isSuspect(): boolean;
  /** Measures the offset again. Does nothing while that is under way. */
  measure(): Promise<void>;
}

/** What the measurement at the start of a process may be wrong by; more, and it is not trusted. */
const FIRST_ERROR_MAX_MS = 900;
/** More than the crystal of any machine. */
const DRIFT_MAX = 250 / 1_000_000;
const ROUNDING_MS = 3;

export function openNodeTime(
  world: Pick<World, 'kernel' | 'complain' | 'isAway'>,
  owner: Owner,
  machine: Machine,
): NodeTime {
  const { kernel, complain } = world;
  const { chance } = kernel;
  let isMeasuring = false;
  let missed = { ms: machine.missedMs(), hiddenMs: machine.hiddenMs() };

  const errorMs = chance.of([0, 1, 5, chance.below(FIRST_ERROR_MAX_MS)]);
  const databaseMs = kernel.clock() + chance.between(-errorMs, errorMs);
  const first = {
    databaseMs,
    wallMs: machine.wall(),
    monotonicMs: machine.monotonic(),
    offsetMs: databaseMs - machine.wall(),
    uncertaintyMs: errorMs,
  };
  const clock = clockEstimate(machine, first, (reason, byMs, isFirst) => {
    if (isFirst) kernel.say(owner.name, () => `${reason} (${Math.round(byMs)} ms)`);
  });

  async function read(): Promise<number> {
    await kernel.turn(owner, '');
    if (world.isAway('postgres')) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'the database is away');
    return kernel.clock();
  }

  /** At once, or all of the round trip is before the reading, or all of it is after. */
  async function sample(): Promise<number> {
    const readMs = kernel.clock();
    const slow = chance.weighted({ none: 3, before: 1, after: 1 });
    if (slow === 'none' && !world.isAway('postgres')) return readMs;
    const laterMs = await read();
    return slow === 'after' ? readMs : laterMs;
  }

  /** The estimate may be wrong by what the machine slept through, and by what it cannot know; never by what the wall clock does. */
  function check(): void {
    const errorMs = Math.abs(clock.estimate() - kernel.clock());
    const { uncertaintyMs, monotonicMs } = clock.last();
    const sleptMs = machine.missedMs() - missed.ms;
    const driftMs = (machine.monotonic() - monotonicMs + sleptMs) * DRIFT_MAX;
    if (errorMs > uncertaintyMs + driftMs + sleptMs + ROUNDING_MS)
      complain(`${owner.name}: the estimate is wrong by ${Math.round(errorMs)} ms`);
    const isHidden = machine.hiddenMs() !== missed.hiddenMs;
    if (errorMs > TOLERANCE_MS && !isHidden && clock.isTrusted())
      complain(`${owner.name}: the estimate is wrong by ${Math.round(errorMs)} ms and is trusted`);
  }

  return {
    estimate: clock.estimate,
    read,
    observe(databaseMs, sentMs) {
      check();
      clock.observe(databaseMs, sentMs);
    },
    isSuspect: clock.isSuspect,
    async measure() {
      if (isMeasuring) return;
      isMeasuring = true;
      const before = { ms: machine.missedMs(), hiddenMs: machine.hiddenMs() };
      try {
        clock.accept(await measureOffset(machine, sample));
        missed = before;
      } catch (error) {
        kernel.say(owner.name, () => `the offset of the clock was not measured: ${String(error)}`);
      }
      isMeasuring = false;
    },
  };
}
