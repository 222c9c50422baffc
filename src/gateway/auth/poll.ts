/** What runs until it is stopped. */
export interface Poll {
  stop(): void;
}

/** Calls `read` again and again, each time `everyMs` after the last call has ended. What it throws goes to `onError`. */
export function poll(everyMs: number, read: () => Promise<void>, onError: (error: unknown) => void): Poll {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    timer = setTimeout(() => void run(), everyMs).unref();
  };
  async function run(): Promise<void> {
    await read().catch(onError);
    if (!stopped) schedule();
  }
  schedule();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
