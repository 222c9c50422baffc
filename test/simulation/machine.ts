import type { Clock } from '../../src/platform/kernel/clock.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import type { MachineClocks } from '../../src/platform/postgres/clock-estimate.ts';
import type { Chance } from './chance.ts';

/** A machine. It outlives its processes, and its clocks are wrong. */
export interface Machine extends MachineClocks {
  /** Sets the wall clock. */
  jump(ms: number): void;
  /** The machine is suspended, and its monotonic clock with it. `wall`: the wall clock as well. */
  suspend(stops: 'monotonic' | 'both'): void;
  resume(): void;
  /** How much time its monotonic clock has missed. */
  missedMs(): number;
  /** How much time both of its clocks have missed: no program on it can notice that alone. */
  hiddenMs(): number;
}

/** Of bad crystals. */
const DRIFT_MAX_PPM = 200;

/** `trueTime`: the database's clock, by which all others are wrong. */
export function openMachine(chance: Chance, trueTime: Clock): Machine {
  const startMs = trueTime();
  const bootedMs = startMs - chance.below(HOUR_MS);
  const rate = 1 + chance.between(-DRIFT_MAX_PPM, DRIFT_MAX_PPM) / 1_000_000;
  let aheadMs = chance.of([0, 0, 15, -400, 11 * MINUTE_MS, -11 * MINUTE_MS, 5 * HOUR_MS, -5 * HOUR_MS]);
  let missedMs = 0;
  let hiddenMs = 0;
  let suspended: { readonly atMs: number; readonly stops: 'monotonic' | 'both' } | undefined;
  return {
    wall: () => Math.floor(startMs + aheadMs + (trueTime() - startMs) * rate),
    monotonic: () => (trueTime() - bootedMs) * rate - missedMs,
    jump(ms) {
      aheadMs += ms;
    },
    suspend(stops) {
      suspended ??= { atMs: trueTime(), stops };
    },
    resume() {
      if (!suspended) return;
      const ms = (trueTime() - suspended.atMs) * rate;
      missedMs += ms;
      if (suspended.stops === 'both') {
        aheadMs -= ms;
        hiddenMs += ms;
      }
      suspended = undefined;
    },
    missedMs: () => missedMs,
    hiddenMs: () => hiddenMs,
  };
}
