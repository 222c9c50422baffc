/**
 * Returns the message of an error. A failed connection is an AggregateError without a message of its own, with one error for each
 * address of the host: the first one's is returned.
 */
export function firstMessage(reason: unknown): string {
  const first = reason instanceof AggregateError ? (reason.errors[0] as unknown) : reason;
  return first instanceof Error ? first.message : String(first);
}
