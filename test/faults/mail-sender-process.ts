import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { postgresDeliveryStore } from '../../src/contexts/notification/adapters/postgres/delivery-store.ts';
import { addressDigest, postgresMailStore } from '../../src/contexts/notification/adapters/postgres/mail-store.ts';
import { deliveryEvents } from '../../src/contexts/notification/application/deliver/delivery-events.ts';
import { mailChannel } from '../../src/contexts/notification/application/deliver/mail/mail-channel.ts';
import { planNextBatch } from '../../src/contexts/notification/application/deliver/plan.ts';
import { sendDue } from '../../src/contexts/notification/application/deliver/send.ts';
import { smtpTransport } from '../../src/platform/mail/smtp-transport.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';

/** Plans and sends the mails of notices of a database until it is killed. Its hours pass in seconds, so that leases of the killed end within the test. */
const [url = '', smtpPort = '', startedMs = '', speed = ''] = process.argv.slice(2);
const clock = () => Number(startedMs) + (Date.now() - Number(startedMs)) * Number(speed);

const database = openDatabase({ url, onError: () => {}, poolMax: 6 });
// Nobody reads the events: their ids only have to differ.
const nextId = () => randomBytes(8).readBigUInt64BE() >> 2n;
const store = postgresDeliveryStore({ pool: database.pool, nextId, eventsOf: deliveryEvents, onEvents: () => {} });
const contacts = {
  getContacts: async ({ userIds }: { readonly userIds: readonly bigint[] }) => ({
    contacts: userIds.map((userId) => ({
      userId,
      email: `user${userId}@example.com`,
      name: 'Ada',
      language: 'ko',
      emailVerified: true,
      marketingConsent: undefined,
    })),
    unknownUserIds: [],
  }),
};
const coupon = {
  listUnusedCoupons: async ({ couponIds }: { readonly couponIds: readonly bigint[] }) => ({ couponIds }),
};
const settings = {
  smtp: { host: '127.0.0.1', port: Number(smtpPort), isImplicitTls: false, login: undefined },
  from: { name: 'Shop', address: 'no-reply@shop.example.com' },
  linkBase: 'https://shop.example.com',
  dkim: undefined,
  sender: undefined,
  domainRate: 1_000_000,
  linkSecrets: ['a secret for links of thirty-two bytes'],
};
const channel = mailChannel({
  store: postgresMailStore(database.pool),
  transport: smtpTransport(settings),
  settings,
  digestOf: addressDigest,
  clock,
});
const plan = planNextBatch({ store, contacts, channels: ['EMAIL'], clock });
const send = sendDue({ store, contacts, coupon, channel, clock, log: pino({ level: 'silent' }), onOutcome: () => {} });
const signal = new AbortController().signal;

async function forever(step: () => Promise<unknown>): Promise<void> {
  for (;;) if (!(await step().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}
process.stdout.write('ready\n');
void forever(plan);
void forever(() => send(signal));
