import type { Clock } from '../../src/platform/kernel/clock.ts';
import type { Chance } from './chance.ts';

/** Who does something: a process of ours, the network, the customers. What a dead one was at is never gone on with. */
export interface Owner {
  readonly name: string;
  status: 'UP' | 'FROZEN' | 'DEAD';
}

/**
 * Runs everything that happens at once, one step at a time. A step goes from one `turn` to the next one, and chance says whose is
 * next; so chance decides every interleaving, and a seed repeats it.
 */
export interface Kernel {
  readonly chance: Chance;
  readonly clock: Clock;
  steps(): number;
  /** Gives way to everything else. Does not come back when its owner dies meanwhile. */
  turn(owner: Owner, what: string): Promise<void>;
  /** The same, and not before a moment. */
  until(owner: Owner, atMs: number, what: string): Promise<void>;
  /** Calls `run` at a moment of its owner's life, like a timer. Returns how to prevent it. */
  schedule(owner: Owner, atMs: number, run: () => void): () => void;
  /** Calls `run` within the same step, after everything else that it causes. */
  defer(run: () => void): void;
  /** The process whose step it is. */
  current(): Owner | undefined;
  /** Advances the time while no process runs. */
  pass(ms: number): void;
  kill(owner: Owner): void;
  /** Runs one waiting process until it waits again; when all wait for a later time, advances to it. Returns false when none can run. */
  step(): Promise<boolean>;
  /** A line of the trace, when there is one. */
  say(who: string, line: () => string): void;
  /** From now on each line of `who` shows what this clock shows. */
  showClock(who: string, wall: Clock): void;
}

interface Parked {
  readonly owner: Owner;
  readonly what: string;
  readonly fromMs: number;
  readonly resume: () => void;
}

/** Of the process that simulates, whatever the code that it runs gets. */
const { nextTick } = process;

/** What runs needs no more than promises between two turns; this is when all of them have settled. */
const settled = (): Promise<void> => new Promise((resolve) => nextTick(resolve));

/** A step takes this long at most. */
const STEP_MAX_MS = 12;

export function openKernel(chance: Chance, startMs: number, trace: string[] | undefined): Kernel {
  let nowMs = startMs;
  let steps = 0;
  let parked: Parked[] = [];
  const deferred: (() => void)[] = [];
  let current: Owner | undefined;
  const shown = new Map<string, Clock>();

  function park(owner: Owner, fromMs: number, what: string): Promise<void> {
    return new Promise((resume) => {
      if (owner.status !== 'DEAD') parked.push({ owner, what, fromMs, resume });
    });
  }

  /** Those that can run now. When all wait for a later time, advances to it. */
  function ready(): Parked[] {
    const now: Parked[] = [];
    let [soonestMs, soonest]: [number, Parked[]] = [Number.POSITIVE_INFINITY, []];
    for (const each of parked) {
      if (each.owner.status !== 'UP') continue;
      if (each.fromMs <= nowMs) now.push(each);
      else if (each.fromMs < soonestMs) [soonestMs, soonest] = [each.fromMs, [each]];
      else if (each.fromMs === soonestMs) soonest.push(each);
    }
    if (now.length > 0 || soonest.length === 0) return now;
    nowMs = soonestMs;
    return soonest;
  }

  function say(who: string, line: () => string): void {
    if (!trace) return;
    const wall = shown.get(who);
    const name = wall ? `${who} (${timeOf(wall() - startMs)})` : who;
    trace.push(`${String(steps).padStart(5)} ${timeOf(nowMs - startMs)}  ${name.padEnd(23)} ${line()}`);
  }

  return {
    chance,
    clock: () => nowMs,
    steps: () => steps,
    turn: (owner, what) => park(owner, 0, what),
    until: (owner, atMs, what) => park(owner, atMs, what),
    schedule(owner, fromMs, resume) {
      const entry = { owner, what: '', fromMs, resume };
      if (owner.status !== 'DEAD') parked.push(entry);
      return () => {
        const place = parked.indexOf(entry);
        if (place >= 0) parked.splice(place, 1);
      };
    },
    defer(run) {
      deferred.push(run);
    },
    current: () => current,
    pass(ms) {
      nowMs += ms;
    },
    kill(owner) {
      owner.status = 'DEAD';
      parked = parked.filter((each) => each.owner !== owner);
    },
    async step() {
      const able = ready();
      if (able.length === 0) return false;
      const next = chance.of(able);
      parked.splice(parked.indexOf(next), 1);
      steps += 1;
      nowMs += chance.below(STEP_MAX_MS);
      if (next.what !== '') say(next.owner.name, () => next.what);
      current = next.owner;
      next.resume();
      await settled();
      while (deferred.length > 0) {
        for (const run of deferred.splice(0)) run();
        await settled();
      }
      current = undefined;
      return true;
    },
    say,
    showClock: (who, wall) => shown.set(who, wall),
  };
}

/** Since the start of the run; before it, with a minus. */
const timeOf = (signedMs: number): string => {
  const ms = Math.abs(signedMs);
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms / 1_000) % 60];
  return `${signedMs < 0 ? '-' : ''}${hours}:${String(minutes).padStart(2, '0')}:${seconds.toFixed(3).padStart(6, '0')}`;
};
