import { readUnsubscribeToken } from '../../../../platform/mail/unsubscribe-token.ts';
import type { ReadUnsubscribeLinkRequest, UnsubscribeRequest, UnsubscribeResponse } from '../../api.ts';
import { KIND_NAMES, KINDS, type Kind } from '../../domain/kinds.ts';

export interface UnsubscribeDeps {
  /** Any of them may have signed. */
  readonly secrets: readonly string[];
  readonly withdrawConsent: (userId: bigint) => Promise<void>;
  /** Turns mails of these kinds off for a user. Does nothing for a user who has deleted the account. */
  readonly switchOff: (userId: bigint, kinds: readonly Kind[]) => Promise<void>;
}

/** Ends what the link of a mail says. The token is the credential: no login is asked for, and any mail ends it, however old. */
export const unsubscribe =
  ({ secrets, withdrawConsent, switchOff }: UnsubscribeDeps) =>
  async ({ token }: UnsubscribeRequest): Promise<UnsubscribeResponse> => {
    const found = readUnsubscribeToken(secrets, token);
    if (found === undefined) return { scope: undefined };
    if (found.scope === 'MARKETING') await withdrawConsent(found.userId);
    else await switchOff(found.userId, REMINDERS);
    return { scope: found.scope };
  };

/** What `unsubscribe` would end. Changes nothing. */
export const readUnsubscribeLink =
  ({ secrets }: Pick<UnsubscribeDeps, 'secrets'>) =>
  async ({ token }: ReadUnsubscribeLinkRequest): Promise<UnsubscribeResponse> => ({
    scope: readUnsubscribeToken(secrets, token)?.scope,
  });

const REMINDERS = KIND_NAMES.filter((kind) => KINDS[kind].noticeClass === 'REMINDER');
