/**
 * Steps in one turn of the event loop. A step is the write of an event, about 8 us: so many make a turn 0.5 ms longer, while a turn of issuing at
 * full load takes 1 to 3 ms (bench/streams).
 */
const STEPS_MAX = 64;

/** Work on thousands of streams, in slices between which requests are handled. */
export interface Slices {
  /** Runs `steps` to their end, in turns with other such work. */
  run(steps: Iterator<unknown>): void;
}

export function createSlices(): Slices {
  const waiting: Iterator<unknown>[] = [];
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(runSlice);
  }

  function runSlice(): void {
    isScheduled = false;
    const steps = waiting.shift();
    if (steps !== undefined && isLeft(steps)) waiting.push(steps);
    schedule();
  }

  return {
    run(steps) {
      waiting.push(steps);
      schedule();
    },
  };
}

/** Takes a slice of the steps. Returns whether some are left. */
function isLeft(steps: Iterator<unknown>): boolean {
  for (let count = 0; count < STEPS_MAX; count++) {
    if (steps.next().done) return false;
  }
  return true;
}
