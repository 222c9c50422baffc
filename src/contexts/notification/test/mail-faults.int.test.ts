import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { mailSettings } from '../../../../test/support/mail.ts';
import { type FaultySmtp, startFaultySmtp } from '../../../../test/support/smtp-server.ts';
import { smtpTransport } from '../../../platform/mail/smtp-transport.ts';
import { inTransaction } from '../../../platform/postgres/transaction.ts';
import { forgetUsers } from '../adapters/postgres/forget-users.ts';
import { lockInboxes } from '../adapters/postgres/inbox-locks.ts';
import { addressDigest, postgresMailStore } from '../adapters/postgres/mail-store.ts';
import { waitingDeliveries } from '../adapters/postgres/waiting-deliveries.ts';
import { mailChannel } from '../application/deliver/mail/mail-channel.ts';
import type { ClaimedMessage, DeliveryChannel } from '../application/deliver/ports.ts';
import { TRIES_MAX } from '../application/deliver/retry.ts';
import { MARKETING_A_DAY } from '../domain/may-leave.ts';
import { AFTER_DIGEST_MS, contactOf, deliveryFixture, noticeOf } from './delivery-fixture.ts';

const HOUR_MS = 3_600_000;

let on: Awaited<ReturnType<typeof deliveryFixture>>;
let smtp: FaultySmtp;
let channel: DeliveryChannel;
const channelTo = (port: number, domainRate = 6_000): DeliveryChannel => {
  const settings = { ...mailSettings(port), linkSecrets: ['a secret for links of thirty-two bytes'], domainRate };
  const store = postgresMailStore(on.database.pool);
  return mailChannel({ store, transport: smtpTransport(settings), settings, digestOf: addressDigest, clock: on.clock });
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
  const waiting = waitingDeliveries(on.database.pool);
  expect(await waiting(new Date(on.clock()))).toEqual([{ channel: 'EMAIL', count: 2, lateSeconds: 0 }]);
  on.advance(HOUR_MS);
  expect(await waiting(new Date(on.clock()))).toEqual([{ channel: 'EMAIL', count: 2, lateSeconds: 3_600 }]);
  await on.send(channel);
  expect([arrived(REMINDER), arrived(ORDER)]).toEqual([1, 1]);
  expect(await on.states()).toEqual(['SENT', 'SENT']);
  expect(await waiting(new Date(on.clock()))).toEqual([]);
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
});

test('what a process was handing over when it died is UNKNOWN, and the mail of an order is handed over again', async () => {
  await planBoth();
  const dying: DeliveryChannel = {
    ...channel,
    prepare: async (messages) => messages.map(() => ({ kind: 'SEND', handOver: () => new Promise(() => {}) })),
  };
  void on.send(dying);
  await vi.waitFor(async () => expect(await on.states()).toEqual(['SENDING', 'SENDING']), { timeout: 60_000 });
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

test('the lateness of mails grows through an outage, and not by hours in which they must not leave', async () => {
  const away = channelTo(1);
  await on.write(noticeOf(1, 'ORDER_PAID', 'x'));
  await on.plan();
  const waiting = waitingDeliveries(on.database.pool);
  for (let tried = 0; tried < 4; tried++) {
    await on.send(away);
    on.advance(HOUR_MS);
  }
  away.close();
  expect(await waiting(new Date(on.clock()))).toMatchObject([{ count: 1, lateSeconds: 14_400 }]);
  await on.send(channel);
  await on.write(noticeOf(2, 'STORE_COUPON_OPENED', 'y'));
  await on.plan();
  on.advance(6 * HOUR_MS);
  await on.send(channel);
  expect((await on.states())[1]).toBe('PENDING QUIET');
  expect(await waiting(new Date(on.clock()))).toMatchObject([{ count: 1, lateSeconds: 0 }]);
});

test('an address without a mailbox gets no further mail, and one that a server refuses for another reason does', async () => {
  const replies: Readonly<Record<string, string>> = {
    'user1@example.com': '550-5.1.1 no such user\r\n550 5.1.1 see the manual',
    'user2@example.com': '550 5.7.1 relaying denied',
    'user3@example.com': '550 no',
  };
  smtp.react({ rcpt: (address) => replies[address] ?? '250 ok' });
  await on.write(...[1, 2, 3].map((userId) => noticeOf(userId, 'ORDER_PAID', 'x')));
  await on.plan();
  await on.send(channel);
  expect(await on.states()).toEqual(Array(3).fill('FAILED EENVELOPE 550 RCPT TO'));
  smtp.react({});
  await on.write(...[1, 2, 3].map((userId) => noticeOf(userId, 'ORDER_PAID', 'y')));
  await on.plan();
  await on.send(channel);
  expect((await on.states()).filter((_, index) => index % 2 === 1)).toEqual(['DROPPED SUPPRESSED', 'SENT', 'SENT']);
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
          ? { kind: 'SEND', handOver: () => Promise.reject(new Error('no such text')) }
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
  const store = postgresMailStore(on.database.pool);
  await store.suppress({ digest: addressDigest('User5@Example.com'), reason: 'HARD_BOUNCE', createdAt: new Date() });
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

const LEASE_MS = 600_000;
const HALF_MS = LEASE_MS / 2 + 1;
/** Takes what is due, as a process would. */
async function claim(): Promise<readonly ClaimedMessage[]> {
  return await on.store.claim('EMAIL', new Date(on.clock()), new Date(on.clock() + LEASE_MS), 40);
}
async function claimOne(): Promise<ClaimedMessage> {
  const [message] = await claim();
  if (message === undefined) throw new Error('nothing is due');
  return message;
}
const begin = (message: ClaimedMessage) =>
  on.store.begin(message, message.deliveries[0].id, new Date(on.clock()), new Date(on.clock() + LEASE_MS));
const later = { state: 'PENDING', reason: 'RATE', dueAt: new Date(0) } as const;

test('a process whose lease has ended ends nothing of the next holder', async () => {
  await on.write(noticeOf(1, 'POLICY_OPENING', 'x'));
  await on.plan();
  const late = await claimOne();
  on.advance(LEASE_MS + 1);
  const held = await begin(await claimOne());
  if (held === undefined) throw new Error('the second claim holds it');
  await on.store.end(late, later, new Date(on.clock()));
  expect(await on.states()).toEqual(['SENDING']);
  expect(await claim()).toEqual([]);
  await on.store.end(held, { state: 'SENT' }, new Date(on.clock()));
  await on.store.end(held, later, new Date(on.clock()));
  expect(await on.states()).toEqual(['SENT']);
});

test('a process that took too long over the mail of an order does not end what the next one hands over', async () => {
  await on.write(noticeOf(1, 'ORDER_PAID', 'x'));
  await on.plan();
  const late = await begin(await claimOne());
  if (late === undefined) throw new Error('the first claim holds it');
  on.advance(LEASE_MS + 1);
  const held = await begin(await claimOne());
  if (held === undefined) throw new Error('the second claim holds it');
  await on.store.end(late, later, new Date(on.clock()));
  expect(await on.states()).toEqual(['SENDING PROCESS_ENDED']);
});

test('a notice that joins a digest at the last moment makes no other notice of it leave twice', async () => {
  await on.write(noticeOf(1, 'COUPON_EXPIRING', '10'));
  await on.plan();
  on.advance(HALF_MS);
  await on.write(noticeOf(1, 'COUPON_EXPIRING', '11'), noticeOf(1, 'COUPON_EXPIRING', '12'));
  await on.plan();
  await on.database.pool.query(`update notification.deliveries set state = 'DROPPED' where subject <> '10'`);
  on.advance(HALF_MS);
  const first = await begin(await claimOne());
  if (first === undefined) throw new Error('the first claim holds it');
  await on.database.pool.query(`update notification.deliveries set state = 'PENDING' where subject <> '10'`);
  on.advance(HALF_MS);
  const others = await claimOne();
  expect(others.deliveries).toHaveLength(2);
  await on.store.end(first, { ...later, reason: 'CONN' }, new Date(on.clock()));
  on.advance(1);
  const all = await claimOne();
  expect(all.deliveries).toHaveLength(3);
  expect(await begin(others)).toBeUndefined();
  expect(await begin(all)).toBeDefined();
  await on.store.end(others, later, new Date(on.clock()));
  expect(await on.states()).toEqual(['SENDING CONN', 'SENDING', 'SENDING']);
  expect(await claim()).toEqual([]);
});

test('a digest of which a notice was dropped after the claim does not leave as it was', async () => {
  await on.write(noticeOf(1, 'COUPON_EXPIRING', '41'), noticeOf(1, 'COUPON_EXPIRING', '42'));
  await on.plan();
  on.advance(AFTER_DIGEST_MS);
  const message = await claimOne();
  await on.database.pool.query(`delete from notification.deliveries where subject = '41'`);
  expect(await begin(message)).toBeUndefined();
});

test('the rest of a digest leaves at once when one of its notices is deleted after the claim', async () => {
  await on.write(noticeOf(1, 'COUPON_EXPIRING', '41'), noticeOf(1, 'COUPON_EXPIRING', '42'));
  await on.plan();
  on.advance(AFTER_DIGEST_MS);
  const slow: DeliveryChannel = {
    ...channel,
    prepare: async (...args) => {
      const prepared = await channel.prepare(...args);
      await on.database.pool.query(`delete from notification.deliveries where subject = '41'`);
      return prepared;
    },
  };
  await on.send(slow);
  expect(await on.states()).toEqual(['SENT']);
  expect(smtp.received).toHaveLength(1);
});

test('a process that was suspended hands nothing over after its lease, also when no other one has taken it', async () => {
  await on.write(noticeOf(1, 'POLICY_OPENING', 'x'));
  await on.plan();
  const message = await claimOne();
  on.advance(LEASE_MS);
  expect(await begin(message)).toBeUndefined();
});

test('a choice about one kind holds in a digest with others', async () => {
  await on.write(
    noticeOf(1, 'STORE_COUPON_OPENED', 'a'),
    noticeOf(1, 'ANNOUNCEMENT', 'b', { title: 'unwanted news', body: 'of today', path: '/news' }),
    noticeOf(2, 'STORE_COUPON_OPENED', 'c'),
    noticeOf(2, 'ANNOUNCEMENT', 'd', { title: 'wanted news', body: 'of today', path: '/news' }),
  );
  await on.plan();
  await on.database.pool.query(
    `insert into notification.preferences (user_id, kind, channel, enabled)
     values (1, 'ANNOUNCEMENT', 'EMAIL', false), (2, 'STORE_COUPON_OPENED', 'EMAIL', false)`,
  );
  on.advance(AFTER_DIGEST_MS);
  await on.send(channel);
  expect(await on.states()).toEqual(['SENT', 'DROPPED SWITCHED_OFF', 'DROPPED SWITCHED_OFF', 'SENT']);
  expect(arrived('STORE_COUPON_OPENED:')).toBe(1);
  expect(arrived('ANNOUNCEMENT:')).toBe(1);
});

test('nothing is planned for a user who deletes the account meanwhile', async () => {
  await on.write(noticeOf(1, 'ORDER_PAID', 'x'));
  let planned: Promise<void> | undefined;
  await inTransaction(on.database.pool, async (client) => {
    await lockInboxes(client, [1n]);
    await forgetUsers(client, [1n]);
    // The notice was read before it was deleted.
    planned = on.plan();
    await vi.waitFor(async () => {
      const { rows } = await on.database.pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    });
  });
  await planned;
  expect(await on.states()).toEqual([]);
});

test('nothing is planned for a closed inbox', async () => {
  await on.write(noticeOf(1, 'ORDER_PAID', 'x'));
  await on.database.pool.query('update notification.inboxes set deleted_at = now()');
  await on.plan();
  expect(await on.states()).toEqual([]);
});

test('users who are deleted, or whose inboxes others hold, let no other user wait', async () => {
  const users = Array.from({ length: 50 }, (_, index) => noticeOf(index + 1, 'POLICY_OPENING', 'x'));
  await on.write(...users);
  await on.plan();
  on.advance(1);
  await on.write(noticeOf(99, 'POLICY_OPENING', 'last'));
  await on.plan();
  await on.database.pool.query('update notification.inboxes set deleted_at = now() where user_id between 1 and 45');
  await inTransaction(on.database.pool, async (client) => {
    await client.query('select from notification.inboxes where user_id between 46 and 50 for update');
    await on.send(channel);
    expect(smtp.received).toHaveLength(1);
  });
});

test('while coupons cannot be read, their reminders wait a little, and mails of orders leave', async () => {
  await on.write(noticeOf(1, 'COUPON_EXPIRING', '41'));
  await on.plan();
  on.advance(AFTER_DIGEST_MS);
  await on.write(noticeOf(2, 'ORDER_PAID', 'x'));
  await on.plan();
  on.before.coupon = () => {
    throw new Error('away');
  };
  await on.send(channel);
  expect(await on.states()).toEqual(['PENDING UNPREPARED', 'SENT']);
  on.before.coupon = () => {};
  await on.send(channel);
  expect(await on.states()).toEqual(['PENDING UNPREPARED', 'SENT']);
  on.advance(10_000);
  await on.send(channel);
  expect(await on.states()).toEqual(['SENT', 'SENT']);
});

test('while users cannot be read, all messages wait a little', async () => {
  await planBoth();
  on.before.identity = () => {
    throw new Error('away');
  };
  await on.send(channel);
  on.before.identity = () => {};
  on.advance(9_999);
  await on.send(channel);
  expect(await on.states()).toEqual(['PENDING UNPREPARED', 'PENDING UNPREPARED']);
  on.advance(1);
  await on.send(channel);
  expect(await on.states()).toEqual(['SENT', 'SENT']);
});

test('marketing that may have arrived counts', async () => {
  smtp.react({ dot: 'CLOSE' });
  for (let index = 0; index <= MARKETING_A_DAY; index++) {
    await on.write(noticeOf(1, 'STORE_COUPON_OPENED', String(index)));
    await on.plan();
    on.advance(AFTER_DIGEST_MS);
    await on.send(channel);
  }
  const states = (await on.states()).map((state) => state.split(' ').slice(0, 2).join(' '));
  expect(states.at(-1)).toBe('PENDING MARKETING_LIMIT');
  expect(states.filter((state) => state.startsWith('UNKNOWN'))).toHaveLength(MARKETING_A_DAY);
});

test('what is about to happen is not announced after it has happened', async () => {
  const opensAt = new Date(on.clock() + HOUR_MS).toISOString();
  await on.write(noticeOf(1, 'POLICY_OPENING', 'x', { opensAt }), noticeOf(2, 'POLICY_OPENING', 'y', { opensAt }));
  await on.plan();
  on.contacts.set(2n, contactOf(2n, { email: 'b@slow.example' }));
  smtp.react({ rcpt: (address) => (address.endsWith('@slow.example') ? '450 4.7.1 slow down' : '250 ok') });
  await on.send(channel);
  smtp.react({});
  on.advance(HOUR_MS);
  await on.send(channel);
  expect(await on.states()).toEqual(['SENT', 'DROPPED LATE']);
});

test('what happens while a message waits for its turn is not announced', async () => {
  const soon = new Date(on.clock() + AFTER_DIGEST_MS + 30_000).toISOString();
  await on.write(
    noticeOf(1, 'POLICY_OPENING', 'x', { opensAt: soon }),
    noticeOf(2, 'COUPON_EXPIRING', '41', { expiresAt: soon }),
    noticeOf(2, 'COUPON_EXPIRING', '42'),
  );
  await on.plan();
  on.advance(AFTER_DIGEST_MS);
  const slow: DeliveryChannel = {
    ...channel,
    prepare: async (...args) => {
      const prepared = await channel.prepare(...args);
      on.advance(30_000);
      return prepared;
    },
  };
  await on.send(slow);
  expect(await on.states()).toEqual(['DROPPED LATE', 'DROPPED LATE', 'SENT']);
});

test('marketing that waited behind others until the evening waits for the morning', async () => {
  on.advance(8 * HOUR_MS + 3_540_000 - AFTER_DIGEST_MS);
  await on.write(noticeOf(1, 'STORE_COUPON_OPENED', 'x'));
  await on.plan();
  on.advance(AFTER_DIGEST_MS);
  // It is 20:59, and a minute later when the turn of the message comes.
  const slow: DeliveryChannel = {
    ...channel,
    prepare: async (...args) => {
      const prepared = await channel.prepare(...args);
      on.advance(60_000);
      return prepared;
    },
  };
  await on.send(slow);
  expect(await on.states()).toEqual(['PENDING QUIET']);
});

test('what cannot be handed over for a day has failed', async () => {
  await on.write(noticeOf(1, 'POLICY_OPENING', 'x'));
  await on.plan();
  const away = channelTo(1);
  for (let tried = 1; tried < TRIES_MAX; tried++) {
    await on.send(away);
    on.advance(HOUR_MS);
  }
  expect(await on.states()).toEqual(['PENDING ESOCKET CONN']);
  await on.send(away);
  away.close();
  expect(await on.states()).toEqual(['FAILED ESOCKET CONN']);
  expect(await on.events()).toEqual(['notification.failed POLICY_OPENING FAILED ESOCKET CONN']);
});
