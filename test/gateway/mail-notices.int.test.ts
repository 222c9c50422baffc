// @module-tag settings
import { createECDH, randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNotices } from '../../src/contexts/notification/adapters/postgres/write-notices.ts';
import { signedHeaders } from '../../src/platform/http/webhook-signature.ts';
import { unsubscribeToken } from '../../src/platform/mail/unsubscribe-token.ts';
import { PUSH_HOSTS } from '../../src/platform/web-push/settings.ts';
import { readVapidKey } from '../../src/platform/web-push/vapid.ts';
import type { Mailpit } from '../../tools/mailpit/start.ts';
import { LIMITS, SECRET, type Stage, stage } from '../attacks/support.ts';
import { countingIds } from '../support/counting-ids.ts';
import { mailSettings, testMailpit } from '../support/mail.ts';

const KEY = randomBytes(32);
const mailpit = await testMailpit();

describe.skipIf(mailpit === undefined)('notices by mail and push', () => {
  const server = mailpit as Mailpit;
  let on: Stage;
  let db: pg.Pool;
  const nextId = countingIds();
  const vapid = readVapidKey(randomBytes(32).toString('base64url'));
  beforeAll(async () => {
    on = await stage({
      mail: mailSettings(server.smtpPort),
      mailWebhookKeys: [KEY],
      push: vapid && { key: vapid, contact: 'https://shop.example.com', hosts: PUSH_HOSTS },
    });
    db = new pg.Pool({ connectionString: on.database.url });
  });
  afterAll(async () => {
    await db.end();
    await on.stop();
    await server.kill();
  });

  let people = 0;
  async function person(): Promise<{ readonly id: string; readonly email: string }> {
    const [id, email] = [String(1_000 + ++people), `person${people}@example.com`];
    await db.query(
      `insert into identity.users (id, email, password_hash, name, role, marketing_consent, marketing_consent_at, marketing_consent_source,
         marketing_consent_confirmed_at, language, created_at, email_verified_at)
       values ($1, $2, 'none', 'Ada', 'CUSTOMER', true, now(), 'SIGN_UP', now(), 'en', now(), now())`,
      [id, email],
    );
    return { id, email };
  }
  const consentOf = async (id: string) =>
    (await db.query('select marketing_consent as given from identity.users where id = $1', [id])).rows[0]?.given;

  it('the mail of a paid order arrives', async () => {
    const { id, email } = await person();
    const client = await db.connect();
    await client.query('begin');
    const notice = {
      userId: BigInt(id),
      kind: 'ORDER_PAID',
      subject: '7',
      day: '2026-03-01',
      data: { orderId: '7', total: '12000' },
    } as const;
    await writeNotices(client, [notice], { nextId, nowMs: Date.now() });
    await client.query('commit');
    client.release();
    const [mail] = await server.waitForMails(email, 1);
    expect(mail?.subject).toBe('[Cafe "Sol"] Your order is paid');
    expect(mail?.text).toContain('https://shop.example.com/orders/7');
  });

  const link = (id: string, scope: 'MARKETING' | 'REMINDER') =>
    `/unsubscribe?token=${unsubscribeToken(SECRET, { userId: BigInt(id), scope })}`;
  const post = (path: string, body: string) =>
    fetch(`${on.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'ko' },
      body,
    });

  it('the page of the link at the end of a mail changes nothing, and its form ends the consent', async () => {
    const { id } = await person();
    const page = await on.call('GET', link(id, 'MARKETING'), { headers: { 'accept-language': 'ko' } });
    expect(page.status).toBe(200);
    expect(page.text).toContain('수신거부하기');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await consentOf(id)).toBe(true);
    const done = await post(link(id, 'MARKETING'), '');
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('수신동의가 철회되었습니다')]);
    expect(await consentOf(id)).toBe(false);
  });

  it('a mail program ends it by one click (RFC 8058), and a repeat changes nothing', async () => {
    const { id } = await person();
    for (let times = 0; times < 2; times++) {
      expect((await post(link(id, 'MARKETING'), 'List-Unsubscribe=One-Click')).status).toBe(200);
    }
    expect(await consentOf(id)).toBe(false);
    const { rows } = await db.query('select given, source from identity.consent_changes where user_id = $1', [id]);
    expect(rows).toEqual([{ given: false, source: 'MAIL_LINK' }]);
  });

  it('it ends whatever body a mail program sends', async () => {
    const boundary = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n';
    const bodies: readonly RequestInit[] = [
      { headers: { 'content-type': 'multipart/form-data; boundary=b' }, body: boundary },
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' },
      { headers: { 'content-type': 'text/plain' }, body: 'x' },
      {},
    ];
    for (const sent of bodies) {
      const { id } = await person();
      const response = await fetch(`${on.url}${link(id, 'MARKETING')}`, { method: 'POST', ...sent });
      expect(response.status).toBe(200);
      expect(await consentOf(id)).toBe(false);
    }
    const long = await post(link('1', 'REMINDER'), 'x'.repeat(20_000));
    expect(long.status).toBe(413);
  });

  it('the general limit counts links that are not valid, and no valid one', async () => {
    const limited = await stage({
      mail: mailSettings(server.smtpPort),
      rateLimit: true,
      limits: { ...LIMITS, address: 3 },
    });
    try {
      const end = async (path: string) => (await fetch(`${limited.url}${path}`, { method: 'POST' })).status;
      const statuses: number[] = [];
      for (let times = 0; times < 5; times++) statuses.push(await end('/unsubscribe?token=wrong'));
      expect(statuses).toEqual([410, 410, 410, 429, 429]);
      for (let times = 0; times < 5; times++) expect(await end(link('1', 'REMINDER'))).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  it('says what the link ends before and after, and offers nothing for one that is not valid', async () => {
    const { id } = await person();
    const read = async (path: string) => await on.call('GET', path, { headers: { 'accept-language': 'en' } });
    expect((await read(link(id, 'REMINDER'))).text).toContain('Mails about your orders go on.');
    expect((await read(link(id, 'MARKETING'))).text).toContain('consent to marketing as a whole');
    const { status, text } = await read('/unsubscribe?token=wrong');
    expect([status, text.includes('<button>')]).toEqual([410, false]);
  });

  it('the link of a reminder ends mails with reminders, and leaves the consent', async () => {
    const { id } = await person();
    expect((await post(link(id, 'REMINDER'), '')).status).toBe(200);
    const { rows } = await db.query('select kind, channel, enabled from notification.preferences where user_id = $1', [
      id,
    ]);
    expect(rows.map(({ kind }) => kind).sort()).toEqual([
      'COUPON_EXPIRING',
      'POINTS_EXPIRING',
      'POLICY_OPENED',
      'POLICY_OPENING',
    ]);
    expect(rows.every(({ channel, enabled }) => channel === 'EMAIL' && enabled === false)).toBe(true);
    expect(await consentOf(id)).toBe(true);
  });

  it('a link without a valid signature ends nothing', async () => {
    const { id } = await person();
    const forged = unsubscribeToken('another secret of thirty-two bytes', { userId: BigInt(id), scope: 'MARKETING' });
    for (const token of [forged, 'x', '']) expect((await post(`/unsubscribe?token=${token}`, '')).status).toBe(410);
    expect(await consentOf(id)).toBe(true);
  });

  const report = (events: unknown, { key = KEY, ageSeconds = 0, id = 'msg_1' } = {}) => {
    const body = JSON.stringify({ events });
    const timestamp = Math.floor(on.now() / 1_000) - ageSeconds;
    const headers = { ...signedHeaders([key], { id, timestamp, body }), 'content-type': 'application/json' };
    return fetch(`${on.url}/api/v1/notifications/mail-events`, { method: 'POST', headers, body });
  };

  it('a complaint ends mail to the address and the consent, a hard bounce ends mail, and an administrator lifts it', async () => {
    const [one, other] = [await person(), await person()];
    const response = await report([
      { kind: 'COMPLAINT', email: one.email.toUpperCase() },
      { kind: 'HARD_BOUNCE', email: other.email },
      { kind: 'DELIVERED', email: 'x@example.com' },
    ]);
    expect([response.status, await response.json()]).toEqual([200, { taken: 2 }]);
    expect([await consentOf(one.id), await consentOf(other.id)]).toEqual([false, true]);

    const token = on.token('1', 'ADMIN');
    const list = await on.call('GET', '/api/v1/notifications/suppressions', { token });
    expect(list.body.suppressions).toHaveLength(2);
    expect(list.text).not.toContain('@');
    const lift = () =>
      on.call('POST', '/api/v1/notifications/suppressions/lift', { token, json: { email: other.email } });
    expect([(await lift()).status, (await lift()).body.code]).toEqual([204, 'SUPPRESSION_NOT_FOUND']);
  });

  it('docs/attacks.md 52: a report that is repeated ends nothing that was allowed again since', async () => {
    const { id, email } = await person();
    const complain = async (webhook: string) =>
      (await report([{ kind: 'COMPLAINT', email }], { id: webhook, ageSeconds: 2 })).status;
    const isSuppressed = async () =>
      (
        await on.call('POST', '/api/v1/notifications/suppressions/lift', {
          token: on.token('1', 'ADMIN'),
          json: { email },
        })
      ).status === 204;
    expect(await complain('msg_first')).toBe(200);
    expect([await consentOf(id), await isSuppressed()]).toEqual([false, true]);
    await db.query('update identity.users set marketing_consent = true, marketing_consent_at = now() where id = $1', [
      id,
    ]);
    expect(await complain('msg_first')).toBe(200);
    expect([await consentOf(id), await isSuppressed()]).toEqual([true, false]);
    expect(await complain('msg_second')).toBe(200);
    expect([await consentOf(id), await isSuppressed()]).toEqual([false, true]);
  });

  it('an event that needs nothing keeps no other one of its batch away, however it looks', async () => {
    const { id, email } = await person();
    const odd = [
      { kind: 'DELIVERED', email: 'x'.repeat(300) },
      { kind: 'x'.repeat(100) },
      null,
      'text',
      { kind: 'HARD_BOUNCE', email: `${'x'.repeat(300)}@example.com` },
    ];
    const response = await report([...odd, { kind: 'COMPLAINT', email, messageId: null }]);
    expect([response.status, await response.json()]).toEqual([200, { taken: 1 }]);
    expect(await consentOf(id)).toBe(false);
    expect((await report([{ kind: 'HARD_BOUNCE' }])).status).toBe(400);
  });

  it('a page of suppressions loses none of those of one millisecond', async () => {
    await db.query('truncate notification.suppressions');
    await db.query(
      `insert into notification.suppressions (digest, reason, created_at) select 'digest-' || n, 'HARD_BOUNCE', $1 from generate_series(1, 5) as n`,
      [new Date()],
    );
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await on.call('GET', `/api/v1/notifications/suppressions?limit=2${query}`, {
        token: on.token('1', 'ADMIN'),
      });
      seen.push(...body.suppressions.map(({ addressHash }: { addressHash: string }) => addressHash));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['digest-5', 'digest-4', 'digest-3', 'digest-2', 'digest-1']);
    const odd = await on.call('GET', '/api/v1/notifications/suppressions?cursor=odd', {
      token: on.token('1', 'ADMIN'),
    });
    expect([odd.status, odd.body.suppressions]).toEqual([200, []]);
  });

  it('docs/attacks.md 52: a report that is not signed, by another key, or old is refused', async () => {
    const { id, email } = await person();
    const events = [{ kind: 'COMPLAINT', email }];
    expect((await report(events, { key: randomBytes(32) })).status).toBe(401);
    expect((await report(events, { ageSeconds: 301 })).status).toBe(401);
    const bare = await on.call('POST', '/api/v1/notifications/mail-events', { json: { events } });
    expect([bare.status, bare.body.code]).toEqual([401, 'WEBHOOK_SIGNATURE_INVALID']);
    expect(await consentOf(id)).toBe(true);
  });

  it('a browser subscribes with the key of the server, and unsubscribes', async () => {
    const { id } = await person();
    const token = on.token(id);
    const key = await on.call('GET', '/api/v1/notifications/push-key');
    expect(key.body).toEqual({ publicKey: vapid?.publicKey });
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    const endpoint = 'https://fcm.googleapis.com/fcm/send/abc';
    const json = {
      endpoint,
      expirationTime: null,
      keys: { p256dh: keys.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') },
    };
    const path = '/api/v1/notifications/push-subscriptions';
    expect((await on.call('PUT', path, { token, json })).status).toBe(204);
    const count = async () =>
      Number(
        (await db.query('select count(*) from notification.push_subscriptions where user_id = $1', [id])).rows[0].count,
      );
    expect(await count()).toBe(1);
    const wrong = await on.call('PUT', path, { token, json: { ...json, endpoint: 'https://169.254.169.254/' } });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    const spelled = 'https://FCM.googleapis.com:443/fcm/send/abc';
    const remove = (as: string) => on.call('DELETE', `${path}?endpoint=${encodeURIComponent(spelled)}`, { token: as });
    expect((await remove(on.token('999'))).status).toBe(204);
    const other = on.token((await person()).id);
    const stolen = await on.call('PUT', path, {
      token: other,
      json: { ...json, keys: { ...json.keys, auth: 'A'.repeat(22) } },
    });
    expect([stolen.status, stolen.body.code]).toEqual([409, 'PUSH_ENDPOINT_TAKEN']);
    expect(await count()).toBe(1);
    expect((await remove(token)).status).toBe(204);
    expect(await count()).toBe(0);
  });
});
