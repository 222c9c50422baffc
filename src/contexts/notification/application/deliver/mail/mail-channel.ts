import type { Clock } from '../../../../../platform/kernel/clock.ts';
import type { MailSettings } from '../../../../../platform/mail/mail-settings.ts';
import type { MailOutcome, MailTransport } from '../../../../../platform/mail/mail-transport.ts';
import { renderMail } from '../../../../../platform/mail/render-mail.ts';
import { unsubscribeUrl } from '../../../../../platform/mail/unsubscribe-token.ts';
import type { Addressed, DeliveryChannel, HandOver, Preparation } from '../ports.ts';
import { mailDocument } from './mail-document.ts';
import type { MailStore } from './ports.ts';

/** As many as the transport has connections: a mail that waits for one would use up its time. */
const CONCURRENCY = 4;
/** What waited for its place in the line of its domain, and takes no other one. */
const RATE = 'RATE';
/** Google's Feedback-ID ends with the name of the sender. */
const SENDER_ID = 'stampede';

export interface MailChannelDeps {
  readonly store: MailStore;
  readonly transport: MailTransport;
  readonly settings: Pick<MailSettings, 'from' | 'linkBase' | 'sender' | 'domainRate' | 'linkSecrets'>;
  readonly digestOf: (email: string) => string;
  readonly clock: Clock;
}

/** Notices by e-mail. */
export function mailChannel({ store, transport, settings, digestOf, clock }: MailChannelDeps): DeliveryChannel {
  const { from, linkBase, sender, domainRate, linkSecrets } = settings;
  const brand = from.name || new URL(linkBase).hostname;
  const ownDomain = domainOf(from.address);

  async function handOver(addressed: Addressed, messageId: bigint): Promise<HandOver> {
    const { message, contact, language } = addressed;
    const scope = message.noticeClass === 'TRANSACTIONAL' ? undefined : message.noticeClass;
    const secret = linkSecrets[0];
    if (secret === undefined) throw new Error('links in mails have no secret');
    const url = scope && unsubscribeUrl(linkBase, secret, { userId: message.userId, scope });
    const mail = renderMail(mailDocument(addressed, { brand, linkBase, sender, unsubscribeUrl: url }));
    const result = await transport.send({
      to: contact.email,
      ...mail,
      language,
      messageId: `notice-${messageId}@${ownDomain}`,
      headers: {
        // RFC 8058: the address is asked for by POST, without a page and a login.
        ...(url && { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
        ...(scope === 'MARKETING' && { Precedence: 'bulk' }),
        'Feedback-ID': `${message.deliveries[0].kind}:${message.noticeClass}:notification:${SENDER_ID}`,
      },
    });
    if (result.kind === 'REJECTED' && result.hasNoMailbox) {
      await store.suppress({ digest: digestOf(contact.email), reason: 'HARD_BOUNCE', createdAt: new Date(clock()) });
    }
    if (result.kind === 'NOT_SENT' && result.isBusy) await store.pause(domainOf(contact.email), clock());
    return toHandOver(result);
  }

  return {
    name: 'EMAIL',
    concurrency: CONCURRENCY,
    async prepare(messages, nowMs) {
      const domains = [...new Set(messages.map(({ contact }) => domainOf(contact.email)))].sort();
      const [suppressed, pausedUntilMs] = await Promise.all([
        store.suppressed(messages.map(({ contact }) => digestOf(contact.email))),
        store.pausedUntilMs(domains, nowMs),
      ]);
      const refused = messages.map(({ message, contact }): Preparation | undefined => {
        if (suppressed.has(digestOf(contact.email))) return { kind: 'DROP', reason: 'SUPPRESSED' };
        if (message.noticeClass === 'MARKETING' && sender === undefined) return { kind: 'DROP', reason: 'NO_SENDER' };
        return undefined;
      });
      const hasPlace = ({ message, contact }: Addressed) =>
        message.deliveries[0].reason === RATE && !pausedUntilMs.has(domainOf(contact.email));
      const wanting = messages.filter((each, index) => refused[index] === undefined && !hasPlace(each));
      const counts = Map.groupBy(wanting, ({ contact }) => domainOf(contact.email));
      const wanted = [...counts].map(([domain, { length }]) => ({ domain, count: length }));
      const taken = await store.takeSlots(wanted, domainRate, nowMs);
      const slots = new Map([...taken].map(([domain, slotsMs]) => [domain, slotsMs.values()]));
      return messages.map((each, index) => {
        const refusal = refused[index];
        if (refusal !== undefined) return refusal;
        const domain = domainOf(each.contact.email);
        const slotMs = hasPlace(each) ? nowMs : (slots.get(domain)?.next().value ?? nowMs);
        // What users just did does not wait behind marketing: it goes first, and makes the line longer.
        const isFirst = each.message.noticeClass === 'TRANSACTIONAL' && !pausedUntilMs.has(domain);
        if (slotMs > nowMs && !isFirst) return { kind: 'POSTPONE', reason: RATE, untilMs: slotMs };
        return { kind: 'SEND', handOver: (messageId) => handOver(each, messageId) };
      });
    },
    close: () => transport.close(),
  };
}

const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase();

const toHandOver = (outcome: MailOutcome): HandOver => (outcome.kind === 'ACCEPTED' ? { kind: 'SENT' } : outcome);
