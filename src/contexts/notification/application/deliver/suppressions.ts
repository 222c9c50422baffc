import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import {
  type LiftSuppressionRequest,
  type LiftSuppressionResponse,
  type ListSuppressionsRequest,
  type ListSuppressionsResponse,
  type ReportMailEventRequest,
  type ReportMailEventResponse,
  stored,
} from '../../api.ts';
import { SUPPRESSION_REASONS } from '../../domain/suppression.ts';
import { refuse } from '../../refusals.ts';
import type { MailBook } from './mail/ports.ts';

export interface SuppressionDeps {
  readonly book: Pick<MailBook, 'suppress' | 'suppressions' | 'lift'>;
  readonly digestOf: (email: string) => string;
  readonly withdrawConsent: (email: string) => Promise<void>;
  readonly clock: Clock;
}

/** A repeat changes nothing, so a provider may report as often as it wants. */
export const reportMailEvent =
  ({ book, digestOf, withdrawConsent, clock }: SuppressionDeps) =>
  async ({ kind, email }: ReportMailEventRequest): Promise<ReportMailEventResponse> => {
    const reason = SUPPRESSION_REASONS.find((known) => known === kind);
    if (reason === undefined) throw new Error(`${kind} is no report of a mail`);
    await book.suppress({ digest: digestOf(email), reason, createdAt: new Date(clock()) });
    // Who reports a mail as spam does not want marketing, also when the address is used again.
    if (reason === 'COMPLAINT') await withdrawConsent(email);
    return {};
  };

export const listSuppressions =
  ({ book }: Pick<SuppressionDeps, 'book'>) =>
  async ({ before, limit }: ListSuppressionsRequest): Promise<ListSuppressionsResponse> => ({
    suppressions: await book.suppressions({ before, limit }),
  });

export const liftSuppression =
  ({ book, digestOf }: Pick<SuppressionDeps, 'book' | 'digestOf'>) =>
  ({ email, commandKey }: LiftSuppressionRequest): Promise<LiftSuppressionResponse> =>
    executeOnce(commandKey, LIFTING, (idempotency) => book.lift(digestOf(email), idempotency));

const LIFTING: Responding<boolean, LiftSuppressionResponse> = {
  type: stored.LiftSuppressionResponse,
  refused: toRefusalResponse,
  respond: (isLifted) =>
    isLifted ? { outcome: { $case: 'lifted', value: {} } } : toRefusalResponse(refuse('SUPPRESSION_NOT_FOUND')),
};
