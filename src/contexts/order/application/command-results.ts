import type { OrderOutcome } from '../domain/decision.ts';

/**
 * The stored result of a command with a key: empty, because the later steps change the response and a repeat reads the order instead.
 * Refusals are not stored.
 */
export const changeResult = (outcome: OrderOutcome): Uint8Array | undefined =>
  outcome.kind === 'order' ? DONE : undefined;

/** The same for a placed order. */
export const placementResult = (outcome: OrderOutcome): Uint8Array | undefined =>
  outcome.kind === 'placed' ? DONE : undefined;

const DONE = new Uint8Array();
