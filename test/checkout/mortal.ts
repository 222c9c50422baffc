/** Of a process that died: nothing of it goes on. */
export class Died extends Error {
  override readonly name = 'Died';
}

/** A process whose calls are counted, and that dies at one of them. */
export interface Process {
  /** Everything that `what` can be asked for counts as a call. The last one has its effect, and nobody hears of it. */
  mortal<Target extends object>(what: Target): Target;
  /** How many calls there were. */
  readonly calls: () => number;
}

/** @param calls how many it lives for; Infinity = it does not die */
export function processThatDies(calls: number): Process {
  let made = 0;
  return {
    calls: () => made,
    mortal: (what) =>
      new Proxy(what, {
        get(target, name, receiver) {
          const value: unknown = Reflect.get(target, name, receiver);
          if (typeof value !== 'function') return value;
          return async (...asked: unknown[]) => {
            if (made >= calls) throw new Died();
            made += 1;
            const answer: unknown = await value.apply(target, asked);
            if (made >= calls) throw new Died();
            return answer;
          };
        },
      }),
  };
}
