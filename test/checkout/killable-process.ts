/** Thrown by every call of a process that was killed. */
export class ProcessDied extends Error {
  override readonly name = 'Died';
}

/** A simulated process that counts its calls and is killed at one of them. */
export interface KillableProcess {
  /** Wraps `what`, so that each method call counts. The last call has its effect, but its result is lost. */
  killable<Target extends object>(what: Target): Target;
  /** The number of calls so far. */
  readonly calls: () => number;
}

/** @param calls the number of calls after which it is killed; Infinity: never */
export function killableProcess(calls: number): KillableProcess {
  let made = 0;
  return {
    calls: () => made,
    killable: (what) =>
      new Proxy(what, {
        get(target, name, receiver) {
          const value: unknown = Reflect.get(target, name, receiver);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]) => {
            if (made >= calls) throw new ProcessDied();
            made += 1;
            const result: unknown = await value.apply(target, args);
            if (made >= calls) throw new ProcessDied();
            return result;
          };
        },
      }),
  };
}
