import type { Outcome } from './history.ts';

/** Who takes part in a rush, and what they send. `Told` is what an answer may tell that counts. */
export interface Crowd<Told> {
  readonly askers: number;
  /** Decimal id of the user who asks. Several askers may be one user. */
  user(asker: number): string;
  /** The first request of an asker, as bytes that were built before the clock started. */
  request(asker: number): Uint8Array;
  /** What a final answer tells, if anything. Nine of ten are refusals: be cheap. */
  read(status: number, body: string): Told | undefined;
  /** What the asker sends next, where one request follows from the answer to another. */
  follow?(outcome: Outcome<Told>): Uint8Array | undefined;
}
