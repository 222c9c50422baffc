import { withTimeout } from '../../kernel/timeout.ts';

/** Waits for a call of the Kafka client, which may never settle. Rejects after `ms`, with an error that names the call. */
export const callWithTimeout = <T>(ms: number, what: string, call: Promise<T>): Promise<T> =>
  withTimeout(call, ms, () => new Error(`${what} took longer than ${ms} ms`));
