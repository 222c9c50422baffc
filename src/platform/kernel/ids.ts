import type { Clock } from './clock.ts';

/** Ids are 63-bit: 41 bits of milliseconds since 2024-01-01, 10 bits of node, 12 bits of sequence. */
export const EPOCH_MS = Date.UTC(2024, 0, 1);
export const NODE_MAX = 1023;
const SEQUENCE_MAX = 4095;

/** Makes ids that no other node makes, ever rising on this one. */
export type IdSource = () => bigint;

/**
 * A Snowflake source. `node` answers the number leased for this process (0 to 1023) and throws when the lease is lost.
 * When a millisecond's 4096 ids are used up it borrows from the next one; a clock that steps back does not step the ids back.
 */
export function snowflake(node: () => number, clock: Clock): IdSource {
  let lastMs = 0;
  let sequence = 0;
  return () => {
    const nowMs = clock() - EPOCH_MS;
    if (nowMs > lastMs) {
      lastMs = nowMs;
      sequence = 0;
    } else if (++sequence > SEQUENCE_MAX) {
      lastMs += 1;
      sequence = 0;
    }
    return (BigInt(lastMs) << 22n) | BigInt((node() << 12) | sequence);
  };
}
