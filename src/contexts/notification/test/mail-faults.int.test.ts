import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { mailSettings } from '../../../../test/support/mail.ts';
import { type FaultySmtp, startFaultySmtp } from '../../../../test/support/smtp-server.ts';
import { smtpTransport } from '../../../platform/mail/smtp-transport.ts';
import { addressDigest, postgresMailBook } from '../adapters/postgres/mail-book.ts';
import { mailChannel } from '../application/deliver/mail/mail-channel.ts';
import type { DeliveryChannel } from '../application/deliver/ports.ts';
import { AFTER_DIGEST_MS, contactOf, deliveryFixture, noticeOf } from './delivery-fixture.ts';

const HOUR_MS = 3_600_000;

let on: Awaited<ReturnType<typeof deliveryFixture>>;
let smtp: FaultySmtp;
let channel: DeliveryChannel;
const channelTo = (port: number, domainRate = 6_000): DeliveryChannel => {
  const settings = { ...mailSettings(port), linkSecrets: ['a secret for links of thirty-two bytes'], domainRate };
  const book = postgresMailBook(on.database.pool);
  return mailChannel({ book, transport: smtpTransport(settings), settings, digestOf: addressDigest, clock: on.clock });
};
beforeAll(async () => {
  on = await deliveryFixture();
  smtp = await startFaultySmtp();
  channel = channelTo(smtp.port);
});
afterAll(async () => {
  channel.close();
  await smtp.close();
  await on.close();
});
beforeEach(async () => {
  smtp.react({});
  (smtp.received as string[]).length = 0;
  await on.clear();
});

/** A reminder, which must not leave twice, and the mail of an order, which must leave. */
async function planBoth(): Promise<void> {
  await on.write(noticeOf(1, 'POLICY_OPENING', 'reminder'), noticeOf(2, 'ORDER_PAID', 'order'));
  await on.plan();
}
const arrived = (word: string) => smtp.received.filter((body) => body.includes(word)).length;
/** Subjects are encoded, so Feedback-ID says what a mail is. */
const REMINDER = 'POLICY_OPENING:';
const ORDER = 'ORDER_PAID:';

test('a mail server that is away is tried again, and each mail arrives once when it is back', async () => {
  await planBoth();
  const away = channelTo(1);
  await on.send(away);
  away.close();
  expect(await on.states()).toEqual(['PENDING ESOCKET CONN', 'PENDING ESOCKET CONN']);
  on.advance(HOUR_MS);
  await on.send(channel);
  expect([arrived(REMINDER), arrived(ORDER)]).toEqual([1, 1]);
  expect(await on.states()).toEqual(['SENT', 'SENT']);
});

test('a connection that ends before the final dot is no mail, so it is tried again', async () => {
  smtp.react({ body: 'CLOSE' });
  await planBoth();
  await on.send(channel);
  expect((await on.states()).every((state) => state.startsWith('PENDING'))).toBe(true);
  smtp.react({});
  on.advance(HOUR_MS);
  await on.send(channel);
  expect([arrived(REMINDER), arrived(ORDER)]).toEqual([1, 1]);
});

test('a connection that ends after the final dot may be a mail: a reminder is not repeated, the mail of an order is, with the same Message-ID', async () => {
  smtp.react({ dot: 'CLOSE' });
  await planBoth();
  await on.send(channel);
  expect((await on.states()).map((state) => state.split(' ')[0])).toEqual(['UNKNOWN', 'PENDING']);
  smtp.react({});
  on.advance(HOUR_MS);
  await on.send(channel);
  expect([arrived(REMINDER), arrived(ORDER)]).toEqual([1, 2]);
  const ids = smtp.received.flatMap((body) => /^Message-ID: (\S+)/im.exec(body)?.[1] ?? []);
  expect(new Set(ids).size).toBe(2);
  expect((await on.states())[1]).toBe('SENT');
  expect(await on.events()).toEqual([
    expect.stringMatching(/^notification\.failed POLICY_OPENING UNKNOWN ./),
    'notification.sent ORDER_PAID',
  ]);
});

test('a mail server that takes a mail and says nothing is left after 15 s, and the outcome is unknown', async () => {
  smtp.react({ dot: 'SILENCE' });
  await planBoth();
  await on.send(channel);
  expect((await on.states()).map((state) => state.split(' ').slice(0, 2).join(' '))).toEqual([
    'UNKNOWN ETIMEDOUT',
    'PENDING ETIMEDOUT',
  ]);
}, 60_000);

test('what a process was handing over when it died is UNKNOWN, and the mail of an order is handed over again', async () => {
  await planBoth();
  const dying: DeliveryChannel = {
    ...channel,
    prepare: async (messages) => messages.map(() => ({ kind: 'SEND', hand: () => new Promise(() => {}) })),
  };
  void on.send(dying);
  await vi.waitFor(async () => expect(await on.states()).toEqual(['SENDING', 'SENDING']), { timeout: 20_000 });
  on.advance(HOUR_MS);
  await on.send(channel);
  expect(await on.states()).toEqual(['UNKNOWN PROCESS_ENDED', 'SENT']);
  expect(await on.events()).toEqual([
    'notification.failed POLICY_OPENING UNKNOWN PROCESS_ENDED',
    'notification.sent ORDER_PAID',
  ]);
  expect([arrived(REMINDER), arrived(ORDER)]).toEqual([0, 1]);
});

test('a refusal for now is tried again, and one for good is not', async () => {
  smtp.react({ rcpt: (address) => (address.startsWith('user1') ? '452 4.2.2 full' : '550 5.1.1 no such user') });
  await planBoth();
  await on.send(channel);
  expect(await on.states()).toEqual(['PENDING EENVELOPE 452 RCPT TO', 'FAILED EENVELOPE 550 RCPT TO']);
  smtp.react({ dot: '554 5.7.1 spam' });
  on.advance(HOUR_MS);
  await on.send(channel);
  expect((await on.states())[0]).toBe('FAILED EMESSAGE 554 DATA');
  expect(await on.events()).toEqual([
    'notification.failed ORDER_PAID FAILED EENVELOPE 550 RCPT TO',
    'notification.failed POLICY_OPENING FAILED EMESSAGE 554 DATA',
  ]);
});

test('a domain that asks for fewer mails waits, and others do not', async () => {
  on.contacts.set(1n, contactOf(1n, { email: 'a@slow.example' }));
  on.contacts.set(2n, contactOf(2n, { email: 'b@fast.example' }));
  on.contacts.set(3n, contactOf(3n, { email: 'c@slow.example' }));
  smtp.react({ rcpt: (address) => (address.endsWith('@slow.example') ? '450 4.7.1 slow down' : '250 ok') });
  await on.write(noticeOf(1, 'POLICY_OPENING', 'x'));
  await on.plan();
  await on.send(channel);
  await on.write(noticeOf(2, 'POLICY_OPENING', 'x'), noticeOf(3, 'POLICY_OPENING', 'x'));
  await on.plan();
  await on.send(channel);
  expect((await on.states()).map((state) => state.replace(/ EENV.*/, ' busy'))).toEqual([
    'PENDING busy',
    'SENT',
    'PENDING RATE',
  ]);
  smtp.react({});
  on.advance(60_000);
  await on.send(channel);
  expect(await on.states()).toEqual(['SENT', 'SENT', 'SENT']);
});

test('mails to a domain leave at its rate over all processes, and mails of orders do not wait behind others', async () => {
  const slow = channelTo(smtp.port, 60);
  const users = Array.from({ length: 20 }, (_, index) => index + 1);
  await on.write(...users.map((userId) => noticeOf(userId, 'POLICY_OPENING', 'x')));
  await on.write(noticeOf(99, 'ORDER_PAID', 'order'));
  await on.plan();
  await on.send(slow);
  // Mails of five seconds at once, then one a second.
  expect([arrived(REMINDER), arrived(ORDER)]).toEqual([6, 1]);
  on.advance(4_000);
  await on.send(slow);
  expect(arrived(REMINDER)).toBe(10);
  on.advance(60_000);
  await on.send(slow);
  expect(arrived(REMINDER)).toBe(20);
  slow.close();
});

test('a mail that cannot be written fails with its reason, and others leave', async () => {
  // The text of a time that is none.
  await on.write(noticeOf(1, 'ORDER_PAID', 'x'), noticeOf(2, 'ORDER_PAID', 'y'));
  await on.plan();
  const failing: DeliveryChannel = {
    ...channel,
    prepare: async (messages, nowMs) => {
      const prepared = await channel.prepare(messages, nowMs);
      return prepared.map((each, index) =>
        messages[index]?.message.userId === 1n
          ? { kind: 'SEND', hand: () => Promise.reject(new Error('no such text')) }
          : each,
      );
    },
  };
  await on.send(failing);
  expect(await on.states()).toEqual(['FAILED UNWRITABLE', 'SENT']);
});

test('what a user no longer wants, or may no longer get, does not leave', async () => {
  await on.write(
    noticeOf(1, 'POLICY_OPENING', 'deleted'),
    noticeOf(2, 'POLICY_OPENING', 'switched off'),
    noticeOf(3, 'STORE_COUPON_OPENED', 'withdrawn'),
    noticeOf(4, 'COUPON_EXPIRING', '41'),
    noticeOf(4, 'COUPON_EXPIRING', '42'),
    noticeOf(5, 'POLICY_OPENING', 'suppressed'),
    noticeOf(6, 'POLICY_OPENING', 'notice deleted'),
  );
  await on.plan();
  on.contacts.set(1n, undefined);
  await on.database.pool.query(
    `insert into notification.preferences (user_id, kind, channel, enabled) values (2, 'POLICY_OPENING', 'EMAIL', false)`,
  );
  on.contacts.set(3n, contactOf(3n, { marketingConsent: undefined }));
  on.used.add(41n);
  const book = postgresMailBook(on.database.pool);
  await book.suppress({ digest: addressDigest('User5@Example.com'), reason: 'HARD_BOUNCE', createdAt: new Date() });
  await on.database.pool.query('delete from notification.notices where user_id = 6');
  on.advance(AFTER_DIGEST_MS);
  await on.send(channel);
  expect(await on.states()).toEqual([
    'DROPPED NO_ACCOUNT',
    'DROPPED SWITCHED_OFF',
    'DROPPED NO_CONSENT',
    'DROPPED COUPON_USED',
    'SENT',
    'DROPPED SUPPRESSED',
    'DROPPED NOTICE_GONE',
  ]);
  expect(smtp.received).toHaveLength(1);
});

test('nothing is left of a user who deletes the account between planning and sending', async () => {
  await on.write(noticeOf(1, 'ORDER_PAID', 'x'));
  await on.plan();
  await on.database.pool.query('update notification.inboxes set deleted_at = now() where user_id = 1');
  await on.send(channel);
  expect(smtp.received).toEqual([]);
});

test('several processes send each mail once', async () => {
  const users = Array.from({ length: 60 }, (_, index) => index + 1);
  await on.write(...users.map((userId) => noticeOf(userId, 'POLICY_OPENING', 'x')));
  await Promise.all([on.plan(), on.plan(), on.plan()]);
  const others = [channelTo(smtp.port), channelTo(smtp.port)];
  await Promise.all([channel, ...others].map((each) => on.send(each)));
  for (const each of others) each.close();
  expect(smtp.received).toHaveLength(60);
  expect(new Set(smtp.received.map((body) => /^To: (.*)$/m.exec(body)?.[1])).size).toBe(60);
});
