import type { OrderOutcome } from '../domain/decision.ts';

/**
 * What is kept under the key of a command that the order itself remembers: that it was done. The steps that follow change the
 * response, so a repeat reads the order. Refusals are not kept.
 */
export const onceChanged = (outcome: OrderOutcome): Uint8Array | undefined =>
  outcome.kind === 'order' ? DONE : undefined;

/** The same for an order that was placed. */
export const oncePlaced = (outcome: OrderOutcome): Uint8Array | undefined =>
  outcome.kind === 'placed' ? DONE : undefined;

const DONE = new Uint8Array();
