import type { Kernel, Owner } from '../kernel.ts';

/** A handle as setTimeout returns it. */
class Timer {
  cancel: () => void = () => {};
  ref = (): this => this;
  unref = (): this => this;
}

const OUTSIDE: Owner = { name: 'outside', status: 'UP' };

/**
 * Gives the real code the time of the kernel: timers run as steps of the process that set them, and end with it; `performance.now()` is the
 * monotonic clock of the machine whose process runs. Returns how to restore the real ones. Nothing else may run in between: restoring throws
 * when something replaced what the real code got.
 */
export async function useVirtualTime(kernel: Kernel, monotonicOf: (owner: Owner) => number): Promise<() => void> {
  // A test runner puts the real `nextTick` back a tick after each of its messages. No tick is left from before an immediate.
  await new Promise(setImmediate);
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate };
  const { nextTick } = process;
  const { stackTraceLimit } = Error;
  // Most errors here are arranged, and their stacks cost more than everything else about them.
  Error.stackTraceLimit = 0;
  const running = () => kernel.current() ?? OUTSIDE;

  function after(ms: number, run: () => void): Timer {
    const timer = new Timer();
    timer.cancel = kernel.schedule(running(), kernel.clock() + Math.max(1, ms), run);
    return timer;
  }

  function every(ms: number, run: () => void): Timer {
    const timer = new Timer();
    const owner = running();
    const next = () => {
      timer.cancel = kernel.schedule(owner, kernel.clock() + ms, () => {
        next();
        run();
      });
    };
    next();
    return timer;
  }

  const cancel = (timer: unknown) => timer instanceof Timer && timer.cancel();
  const timers = {
    setTimeout: (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => after(ms, () => run(...given)),
    setInterval: (run: () => void, ms = 0) => every(ms, run),
    clearTimeout: cancel,
    clearInterval: cancel,
    setImmediate: (run: (...given: unknown[]) => void, ...given: unknown[]) => kernel.defer(() => run(...given)),
  };
  // The real one would run when the step has ended, in no process.
  const ticks = {
    nextTick: (run: (...given: unknown[]) => void, ...given: unknown[]) => kernel.defer(() => run(...given)),
  };
  Object.assign(globalThis, timers);
  Object.assign(process, ticks);
  Object.defineProperty(performance, 'now', { value: () => monotonicOf(running()), configurable: true });
  return () => {
    const isKept = isPartOf(timers, globalThis) && isPartOf(ticks, process);
    Object.assign(globalThis, real);
    process.nextTick = nextTick;
    Error.stackTraceLimit = stackTraceLimit;
    Reflect.deleteProperty(performance, 'now');
    if (!isKept)
      throw new Error('a timer of the simulation was replaced, so this run does not depend on its seed alone');
  };
}

const isPartOf = (part: object, whole: object): boolean =>
  Object.entries(part).every(([name, value]) => Reflect.get(whole, name) === value);
