import type { Clock } from './clock.ts';

/** Ids are 63-bit: 41 bits of milliseconds since 2024-01-01, 10 bits of node, 12 bits of sequence. */
export const EPOCH_MS = Date.UTC(2024, 0, 1);
export const NODE_MAX = 1023;
const SEQUENCE_MAX = 4095;

/** Makes ids that no other node makes, ever rising on this one. */
export type IdSource = () => bigint;

/**
 * A Snowflake source. `node` returns the number (0 to 1023) that this process may use in an id of the millisecond `atMs`
 * (Unix), and throws when none is leased for it; then no id is made and nothing is used up.
 * When a millisecond's 4096 ids are used up it borrows from the next one; a clock that steps back does not step the ids back.
 */
export function snowflake(node: (atMs: number) => number, clock: Clock): IdSource {
  let lastMs = 0;
  let lastSequence = 0;
  return () => {
    let ms = clock() - EPOCH_MS;
    let sequence = 0;
    if (ms <= lastMs) {
      const full = lastSequence === SEQUENCE_MAX;
      ms = full ? lastMs + 1 : lastMs;
      sequence = full ? 0 : lastSequence + 1;
    }
    const number = node(ms + EPOCH_MS);
    lastMs = ms;
    lastSequence = sequence;
    return (BigInt(ms) << 22n) | BigInt((number << 12) | sequence);
  };
}

/**
 * Creates `count` ids before a batch begins, so that the batch does not fail for an id while it holds locks. Further ids come from
 * `nextId`.
 * @throws Unavailable when no id can be created
 */
export function reserveIds(nextId: IdSource, count: number): IdSource {
  const ids = Array.from({ length: count }, nextId);
  let used = 0;
  return () => ids[used++] ?? nextId();
}
