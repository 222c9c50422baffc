import { type PointRefusal, refuse } from '../refusals.ts';
import type { Charge } from './charges/charge.ts';
import type { PointOutcome } from './decision.ts';
import type { Hold } from './holds/hold.ts';
import type { Transaction } from './postings/transaction.ts';

export const done = (transaction: Transaction): PointOutcome => ({ kind: 'done', transaction, replayed: false });

export const replayed = (transaction: Transaction): PointOutcome => ({ kind: 'done', transaction, replayed: true });

export const held = (hold: Hold): PointOutcome => ({ kind: 'hold', hold });

export const chargeOutcome = (
  charge: Charge,
  { isChanged = false, isReplayed = false }: { readonly isChanged?: boolean; readonly isReplayed?: boolean } = {},
): PointOutcome => ({ kind: 'charge', charge, changed: isChanged, replayed: isReplayed });

export const NOTHING: PointOutcome = { kind: 'nothing' };

export const refused = (refusal: PointRefusal): PointOutcome => ({ kind: 'refused', refusal, replayed: false });

export const insufficient = (available: bigint): PointOutcome =>
  refused(refuse('INSUFFICIENT_POINTS', { available: String(available) }));

export const holdConflict = (reason: string): PointOutcome => refused(refuse('HOLD_CONFLICT', { reason }));
