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
import { SECRET, type Stage, stage } from '../attacks/support.ts';
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

  it('a link that nobody signed ends nothing', async () => {
    const { id } = await person();
    const forged = unsubscribeToken('another secret of thirty-two bytes', { userId: BigInt(id), scope: 'MARKETING' });
    for (const token of [forged, 'x', '']) expect((await post(`/unsubscribe?token=${token}`, '')).status).toBe(410);
    expect(await consentOf(id)).toBe(true);
  });

  const report = (events: unknown, { key = KEY, ageSeconds = 0 } = {}) => {
    const body = JSON.stringify({ events });
    const timestamp = Math.floor(on.now() / 1_000) - ageSeconds;
    const headers = { ...signedHeaders(key, { id: 'msg_1', timestamp, body }), 'content-type': 'application/json' };
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
    const remove = (as: string) => on.call('DELETE', `${path}?endpoint=${encodeURIComponent(endpoint)}`, { token: as });
    expect((await remove(on.token('999'))).status).toBe(204);
    expect(await count()).toBe(1);
    expect((await remove(token)).status).toBe(204);
    expect(await count()).toBe(0);
  });
});
