import type { Logger } from 'pino';
import type { ScheduledTask } from '../../../platform/context.ts';
import { MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { mapConcurrent } from '../../../platform/kernel/map-concurrent.ts';
import { renderMail } from '../../../platform/mail/render-mail.ts';
import { unsubscribeUrl } from '../../../platform/mail/unsubscribe-token.ts';
import { contentOf, isGivenUp, LINKS, type MailAccount, type MailContent, retryAfterMs } from '../domain/mail.ts';
import { LINK_PATHS, type MailModel, mailDocument } from '../domain/mail-text.ts';
import type { ClaimedMail, ContactStore, IdentityPorts, MailPorts } from './ports.ts';

/** Mails of a batch. Those to different addresses are sent at the same time. */
const BATCH = 8;
/**
 * Longer than a batch takes: 30 s for each kind of mail to one address. Then another node may send the mail: a node that died in between sent it at most
 * once.
 */
const LEASE_MS = 2 * MINUTE_MS;

type Outcome = 'sent' | 'retried' | 'rejected' | 'given_up' | 'not_wanted';

/** How a mail leaves the system, as the platform's transport does it. */
export interface Mailer {
  send(mail: {
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly html: string;
    readonly language: string;
  }): Promise<
    { readonly kind: 'ACCEPTED' } | { readonly kind: 'REJECTED' | 'NOT_SENT' | 'UNKNOWN'; readonly reason: string }
  >;
}

export interface SendMailsDeps {
  readonly mail: MailPorts;
  readonly contacts: Pick<ContactStore, 'confirmConsent'>;
  readonly secrets: IdentityPorts['secrets'];
  readonly clock: IdentityPorts['clock'];
  readonly mailer: Mailer;
  /** The name of the sender. */
  readonly shop: string;
  /** The base of links, without a slash at the end. */
  readonly linkBase: string;
  /** Signs links that end mails. */
  readonly linkSecret: string;
  readonly log: Logger;
  /** Counts what became of an attempt. */
  readonly onOutcome: (kind: string, outcome: Outcome) => void;
}

export interface MailSending {
  readonly job: ScheduledTask;
  /** Waits for the mails that are being sent. */
  drain(): Promise<void>;
}

/**
 * Sends the mails that were asked for. The token of a link is made here, for each attempt: no table and no event ever contains it, and the time for which it
 * is valid starts when it leaves. An attempt without a response may have arrived, so the next one has another token, and only that is valid.
 */
export function sendMails(deps: SendMailsDeps): MailSending {
  const { mail, onOutcome, log } = deps;
  const { store, clock } = mail;
  let sending: Promise<unknown> = Promise.resolve();

  async function attempt(claimed: ClaimedMail): Promise<Outcome> {
    if (isGivenUp(claimed.requestedAt, new Date(clock()))) return await end(claimed, 'given_up');
    const account = await store.accountOf(claimed.email);
    const content = contentOf(claimed.kind, account);
    if (account === undefined || content === undefined) return await end(claimed, 'not_wanted');
    const result = await deps.mailer.send({
      to: claimed.email,
      language: claimed.language,
      ...renderMail(mailDocument(await modelOf(deps, claimed, account, content))),
    });
    if (result.kind === 'ACCEPTED') {
      if (content === 'CONSENT_NOTICE') await deps.contacts.confirmConsent(account.userId, new Date(clock()));
      return await end(claimed, 'sent');
    }
    // Neither the address nor the name: readers of the tables find them by the id.
    const facts = {
      mailId: String(claimed.id),
      mailKind: claimed.kind,
      attempt: claimed.attempt,
      reason: result.reason,
    };
    if (result.kind === 'REJECTED') {
      log.warn(facts, 'a mail was refused by the server and is given up');
      return await end(claimed, 'rejected');
    }
    log.warn(facts, 'a mail was not sent and is tried again');
    await store.postpone(claimed, new Date(clock() + retryAfterMs(claimed.attempt)));
    return 'retried';
  }

  async function end(claimed: ClaimedMail, outcome: Outcome): Promise<Outcome> {
    await store.finish(claimed);
    if (outcome === 'given_up')
      log.error(
        { mailId: String(claimed.id), mailKind: claimed.kind },
        'a mail was not sent for a day and is given up',
      );
    return outcome;
  }

  async function runBatch(): Promise<{ readonly claimed: number; readonly ended: number }> {
    const now = clock();
    const claimed = await store.claim(new Date(now), new Date(now + LEASE_MS), BATCH);
    const outcomes: Outcome[] = [];
    await mapConcurrent([...Map.groupBy(claimed, ({ email }) => email).values()], BATCH, async (ofOne) => {
      // One after the other: of two mails with links, the one that arrives last has the valid one.
      for (const each of ofOne.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
        const outcome = await attempt(each);
        onOutcome(each.kind, outcome);
        outcomes.push(outcome);
      }
    });
    return { claimed: claimed.length, ended: outcomes.filter((outcome) => outcome !== 'retried').length };
  }

  return {
    job: {
      name: 'identity.send-mails',
      everyMinutes: 1,
      dueTimes: { next: async () => (await store.nextDueAt())?.getTime(), changed: mail.changed },
      async run(signal) {
        let total = 0;
        let isMore = true;
        while (isMore && !signal.aborted) {
          const batch = runBatch();
          sending = batch.catch(() => undefined);
          const { claimed, ended } = await batch;
          total += ended;
          isMore = claimed === BATCH;
        }
        await store.deleteExpiredLinks(new Date(deps.clock()));
        return total;
      },
    },
    drain: async () => void (await sending),
  };
}

async function modelOf(
  { mail, secrets, clock, shop, linkBase, linkSecret }: SendMailsDeps,
  { language }: ClaimedMail,
  account: MailAccount,
  content: MailContent,
): Promise<MailModel> {
  // Somebody else may have chosen the name of an account that is not verified, to write to the owner of the address.
  const name = account.isVerified ? account.name : undefined;
  const model = { content, language, shop, name, consentAt: account.consentAt };
  if (content === 'ALREADY_SIGNED_UP') return { ...model, url: linkBase };
  if (content === 'CONSENT_NOTICE') {
    return { ...model, url: unsubscribeUrl(linkBase, linkSecret, { userId: account.userId, scope: 'MARKETING' }) };
  }
  const token = secrets.random();
  const { purpose, lifeMs } = LINKS[content];
  await mail.store.replaceLink(account.userId, purpose, secrets.digest(token), new Date(clock() + lifeMs));
  return { ...model, url: `${linkBase}${LINK_PATHS[purpose]}?token=${token}` };
}
