import { refuse } from '../../../platform/kernel/refusal.ts';
import type { PointRefusalCode } from '../api.ts';
import type { PointOutcome } from './decision.ts';
import type { Hold } from './holds/hold.ts';
import type { Transaction } from './postings/transaction.ts';

export const done = (transaction: Transaction): PointOutcome => ({ kind: 'done', transaction, replayed: false });

export const replayed = (transaction: Transaction): PointOutcome => ({ kind: 'done', transaction, replayed: true });

export const held = (hold: Hold): PointOutcome => ({ kind: 'hold', hold });

export const NOTHING: PointOutcome = { kind: 'nothing' };

export const refused = (code: PointRefusalCode, details: Readonly<Record<string, string>> = {}): PointOutcome => ({
  kind: 'refused',
  refusal: refuse(code, details),
  replayed: false,
});

export const insufficient = (available: bigint): PointOutcome =>
  refused('INSUFFICIENT_POINTS', { available: String(available) });

export const holdConflict = (reason: string): PointOutcome => refused('HOLD_CONFLICT', { reason });
