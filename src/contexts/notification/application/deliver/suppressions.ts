import type { Clock } from '../../../../platform/kernel/clock.ts';
import { type CommandKey, executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import { cursorOf, pageLimit } from '../../../../platform/kernel/pages.ts';
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
import type { MailStore, SuppressionPlace } from './mail/ports.ts';

export interface SuppressionDeps {
  readonly store: Pick<MailStore, 'suppress' | 'suppressions' | 'lift'>;
  readonly digestOf: (email: string) => string;
  readonly withdrawConsent: (email: string, commandKey: CommandKey | undefined) => Promise<void>;
  readonly clock: Clock;
}

/**
 * A repeat with the same key changes nothing, also when an administrator has lifted the suppression or the user has consented again since. The consent has a key
 * of its own, so that a repeat finishes what a failure left.
 */
export const reportMailEvent =
  ({ store, digestOf, withdrawConsent, clock }: SuppressionDeps) =>
  async ({ kind, email, commandKey }: ReportMailEventRequest): Promise<ReportMailEventResponse> => {
    const reason = SUPPRESSION_REASONS.find((known) => known === kind);
    if (reason === undefined) throw new Error(`${kind} is no report of a mail`);
    const response = await executeOnce(commandKey, REPORTING, (idempotency) =>
      store.suppress({ digest: digestOf(email), reason, createdAt: new Date(clock()) }, idempotency),
    );
    // Who reports a mail as spam does not want marketing, also when the address is used again.
    if (reason === 'COMPLAINT') {
      await withdrawConsent(email, commandKey && { ...commandKey, scope: `${commandKey.scope} consent` });
    }
    return response;
  };

const REPORTING: Responding<undefined, ReportMailEventResponse> = {
  type: stored.ReportMailEventResponse,
  refused: toRefusalResponse,
  respond: () => ({ outcome: { $case: 'taken', value: {} } }),
};

/** An invalid cursor gives an empty page. */
export const listSuppressions =
  ({ store }: Pick<SuppressionDeps, 'store'>) =>
  async ({ page }: ListSuppressionsRequest): Promise<ListSuppressionsResponse> => {
    const limit = pageLimit(page);
    const cursor = cursorOf(page);
    const before = cursor === undefined ? undefined : readPlace(cursor);
    if (cursor !== undefined && before === undefined) return { suppressions: [], nextCursor: undefined };
    const found = await store.suppressions({ before, limit: limit + 1 });
    const last = found.length > limit ? found[limit - 1] : undefined;
    return { suppressions: found.slice(0, limit), nextCursor: last && placeText(last) };
  };

/** The place of a row in the list: its time, and its digest among those of one millisecond. */
const placeText = ({ createdAt, digest }: SuppressionPlace): string => `${createdAt.getTime()}.${digest}`;

function readPlace(cursor: string): SuppressionPlace | undefined {
  const [, ms, digest] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(cursor) ?? [];
  return ms === undefined || digest === undefined ? undefined : { createdAt: new Date(Number(ms)), digest };
}

export const liftSuppression =
  ({ store, digestOf }: Pick<SuppressionDeps, 'store' | 'digestOf'>) =>
  ({ email, commandKey }: LiftSuppressionRequest): Promise<LiftSuppressionResponse> =>
    executeOnce(commandKey, LIFTING, (idempotency) => store.lift(digestOf(email), idempotency));

const LIFTING: Responding<boolean, LiftSuppressionResponse> = {
  type: stored.LiftSuppressionResponse,
  refused: toRefusalResponse,
  respond: (isLifted) =>
    isLifted ? { outcome: { $case: 'lifted', value: {} } } : toRefusalResponse(refuse('SUPPRESSION_NOT_FOUND')),
};
