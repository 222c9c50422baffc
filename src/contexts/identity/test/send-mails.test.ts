import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createNotifier } from '../../../platform/kernel/notifier.ts';
import { cryptoSecrets } from '../adapters/crypto/secrets.ts';
import type { ClaimedMail, MailStore } from '../application/ports.ts';
import { type Mailer, sendMails } from '../application/send-mails.ts';
import { LINK_PURPOSES } from '../domain/mail.ts';

const NOW = Date.parse('2026-03-01T00:00:00.000Z');
const ACCOUNT = { userId: 1n, name: 'Ada', isActive: true, isVerified: false, hasPassword: true, consentAt: null };

/** Mails that were asked for; the last digest of a link is the valid one. */
function storeOf(claimed: readonly ClaimedMail[]) {
  const valid = new Map<string, string>();
  let left = claimed;
  const store: Pick<
    MailStore,
    'claim' | 'accountOf' | 'replaceLink' | 'finish' | 'postpone' | 'nextDueAt' | 'deleteExpiredLinks'
  > = {
    async claim() {
      const batch = left;
      left = [];
      return batch;
    },
    accountOf: async () => ACCOUNT,
    async replaceLink(userId, purpose, digest) {
      valid.set(`${userId} ${purpose}`, digest);
    },
    finish: async () => {},
    postpone: async () => {},
    nextDueAt: async () => undefined,
    deleteExpiredLinks: async () => {},
  };
  return { store: store as MailStore, valid };
}

const mail = (id: bigint, email: string, kind: ClaimedMail['kind']): ClaimedMail => ({
  id,
  email,
  kind,
  language: 'en',
  requestedAt: new Date(NOW),
  attempt: 1,
});

const sending = (store: MailStore, mailer: Mailer) =>
  sendMails({
    contacts: { confirmConsent: async () => {} },
    linkSecret: 'secret',
    mail: { store, changed: createNotifier(), clock: () => NOW },
    secrets: cryptoSecrets,
    clock: () => NOW,
    mailer,
    shop: 'Shop',
    linkBase: 'https://shop.example.com',
    log: pino({ level: 'silent' }),
    onOutcome: () => {},
  });

test('mails to one address are sent one after the other, so that the last one has the valid link', async () => {
  const { store, valid } = storeOf([
    mail(2n, 'ada@example.com', 'VERIFY_EMAIL'),
    mail(1n, 'ada@example.com', 'SIGN_UP'),
  ]);
  const arrived: string[] = [];
  let calls = 0;
  const { job } = sending(store, {
    // The first one takes longer.
    async send({ text }) {
      for (let turns = calls++ === 0 ? 20 : 1; turns > 0; turns--) await turn();
      arrived.push(/token=([\w-]+)/.exec(text)?.[1] ?? '');
      return { kind: 'ACCEPTED' };
    },
  });
  expect(await job.run(new AbortController().signal)).toBe(2);
  expect(arrived).toHaveLength(2);
  expect(valid.get(`1 ${LINK_PURPOSES[0]}`)).toBe(cryptoSecrets.digest(arrived.at(-1) ?? ''));
});
