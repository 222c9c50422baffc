/** Ctrl-C in `npm start` arrives twice at once: from the terminal, and handed on by npm. */
const SAME_PRESS_MS = 500;
const FORCED = 130;

export interface StopSignal {
  /** Settles with undefined at the first SIGINT or SIGTERM. */
  readonly received: Promise<undefined>;
  requested(): boolean;
}

/** The first signal requests a graceful shutdown, the second ends the process at once. */
export function stopSignal(): StopSignal {
  const received = Promise.withResolvers<undefined>();
  let firstMs: number | undefined;
  const onSignal = () => {
    const nowMs = performance.now();
    if (firstMs === undefined) {
      firstMs = nowMs;
      process.stdout.write('\nStopping: finishing what is under way. Ctrl-C again ends at once.\n');
      received.resolve(undefined);
    } else if (nowMs - firstMs > SAME_PRESS_MS) {
      process.exit(FORCED);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return { received: received.promise, requested: () => firstMs !== undefined };
}
