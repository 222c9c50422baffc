// @module-tag rows
import { createECDH, randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressDigest, postgresMailStore } from '../../src/contexts/notification/adapters/postgres/mail-store.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { PUSH_HOSTS } from '../../src/platform/web-push/settings.ts';
import { readVapidKey } from '../../src/platform/web-push/vapid.ts';
import { picture } from '../support/images.ts';
import { mailSettings, userWithLink, verifyNow } from '../support/mail.ts';
import { resolvedDocument } from '../support/resolved-document.ts';
import { sendImage } from '../support/send-image.ts';
import { ADMIN, type Answer, keepEvents, policyBody, type Stage, stage, until } from './support.ts';

let on: Stage;
let db: pg.Pool;
let keys = 0;
/** Operations by method and template. */
const operations = new Map<string, { readonly id: string; readonly isChange: boolean }>();

beforeAll(async () => {
  const key = readVapidKey(randomBytes(32).toString('base64url'));
  const push = key && { key, contact: 'https://shop.example.com', hosts: PUSH_HOSTS };
  on = await stage({ sandbox: true, mail: mailSettings(), push });
  db = new pg.Pool({ connectionString: on.database.url });
  const body = await resolvedDocument(on);
  for (const [path, item] of Object.entries<Record<string, Operation>>(body.paths)) {
    for (const [method, { operationId, 'x-stampede-alias-of': aliasOf, parameters }] of Object.entries(item)) {
      operations.set(`${method.toUpperCase()} ${path}`, {
        id: aliasOf ?? operationId,
        isChange: parameters.some(({ name }) => name === 'Idempotency-Key'),
      });
    }
  }
});
afterAll(async () => {
  await db?.end();
  await on?.stop();
});

interface Operation {
  readonly operationId: string;
  readonly 'x-stampede-alias-of'?: string;
  /** An operation that changes something takes an Idempotency-Key, but for those of sessions. */
  readonly parameters: readonly { readonly name: string }[];
}

interface Line {
  readonly actor: string;
  readonly role: string;
  readonly operation: string;
  readonly subject: string | null;
  readonly requestId: string;
  readonly fields: readonly string[];
}

/** Sends a request that must succeed, with an Idempotency-Key where `key` is one. */
async function done(method: string, path: string, json?: unknown, ask: Ask = {}): Promise<Answer> {
  const { token = on.token('1', 'ADMIN'), key = `key-${++keys}`, requestId } = ask;
  const answer = await on.call(method, `/api/v1/${path}`, {
    token,
    ...(typeof json === 'string' ? { text: json } : json === undefined ? {} : { json }),
    headers: {
      ...(key === null ? {} : { 'idempotency-key': key }),
      ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
      ...(typeof json === 'string' ? { 'content-type': 'text/csv' } : {}),
    },
  });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}
interface Ask {
  readonly token?: string;
  readonly key?: string | null;
  readonly requestId?: string;
}

/** The lines of the log, the newest first, when the one of the last change is there. */
async function linesUntil(requestId: string): Promise<readonly Line[]> {
  let lines: Line[] = [];
  await until(async () => {
    lines = (await done('GET', 'audit-log?limit=100')).body.lines;
    return lines.some((line) => line.requestId === requestId);
  });
  return lines;
}

interface Reserved {
  readonly reservationId: string;
  readonly couponId: string;
  readonly orderId: string;
}

/** Waits until every line that was written so far is in the log. */
async function settled(): Promise<readonly Line[]> {
  const requestId = `last-${++keys}`;
  await done('POST', 'auth/api-keys', { name: 'last', scopes: [] }, { requestId });
  return await linesUntil(requestId);
}

const policy = async (changes: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const { body } = await done('POST', 'coupon-policies', policyBody({ maxIssuePerUser: 50, ...changes }));
  await done('POST', `admin/coupon-policies/${body.couponPolicyId}/activate`);
  return body.couponPolicyId;
};
const coupon = async (): Promise<string> =>
  (await done('POST', `coupons/policies/${await policy()}/issue`, {})).body.couponId;
const product = async (): Promise<string> =>
  (await done('POST', 'products', { name: 'Coffee', description: 'Beans', price: 1_000, stock: 100 })).body.productId;
const order = async (): Promise<string> =>
  (await done('POST', 'orders', { items: [{ productId: await product(), quantity: 1 }] })).body.orderId;
const reserve = async (way: 'reserve' | 'apply'): Promise<Reserved> => {
  const ids = { reservationId: `r-${++keys}`, couponId: await coupon(), orderId: `o-${keys}` };
  await done('POST', `coupons/${way}`, { ...ids, orderAmount: 20_000 });
  return ids;
};
const timeSale = async (): Promise<string> => {
  const window = { startsAt: new Date(Date.now() - DAY_MS), endsAt: new Date(Date.now() + DAY_MS) };
  const json = { productId: await product(), salePrice: 900, quantity: 10, limitPerUser: 5, ...window };
  return (await done('POST', 'time-sales', json)).body.timeSaleId;
};
const store = async (): Promise<string> =>
  (await done('POST', 'stores', { name: 'Cafe Sol', category: 'CAFE' })).body.storeId;
const signedUp = async (): Promise<string> => {
  const json = { email: `audit-${++keys}@example.com`, password: 'correct horse battery', name: 'Ada' };
  await done('POST', 'auth/signup', json);
  return await verifyNow(db, json.email);
};
const loggedInAdmin = async (): Promise<{ readonly token: string }> => ({
  token: (await on.call('POST', '/api/v1/auth/login', { json: ADMIN })).body.accessToken,
});

/** Uploads an image, which must succeed. */
async function upload(
  method: 'PUT' | 'POST',
  path: string,
  { token = on.token('1', 'ADMIN') }: Ask = {},
): Promise<Answer> {
  const options = { token, key: `key-${++keys}` };
  const answer = await sendImage(on.url, method, `/api/v1/${path}`, await picture(), options);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

async function followAndUnfollow(path: string): Promise<void> {
  await done('PUT', `${path}/subscription`);
  await done('DELETE', `${path}/subscription`);
}

/** Does everything that an administrator can change, each at least once. */
async function changeEverything(): Promise<void> {
  const created = (await done('POST', 'coupon-policies', policyBody())).body;
  const id = created.couponPolicyId;
  await done('PUT', `admin/coupon-policies/${id}`, { ...policyBody({ name: 'Renamed' }), version: created.version });
  await done('POST', `admin/coupon-policies/${id}/clone`);
  await done('POST', `admin/coupon-policies/${id}/activate`);
  await done('PATCH', `coupon-policies/${id}/remaining-quantity`, {
    newMaxIssueCount: 200,
    modifiedBy: 'audit',
    reason: 'more',
  });
  await done('POST', `admin/coupon-policies/${id}/suspend`, { reason: 'audit' });
  await done('POST', `admin/coupon-policies/${id}/resume`);
  await done('POST', `admin/coupon-policies/${id}/pause`);
  await done('POST', `admin/coupon-policies/${id}/end`);
  await done('POST', `admin/coupon-policies/${id}/withdraw`, { reason: 'audit' });
  await done('POST', 'coupons/issue', { policyId: await policy() });
  const direct = await policy({ distributionType: 'DIRECT' });
  await done('POST', 'coupons/direct-issue', { couponPolicyId: direct, userIds: ['11', '12'], issuedBy: 'audit' });
  await done('POST', `coupon-policies/${direct}/direct-issue.csv`, 'userId\r\n13\r\n');
  const code = `AUDIT${++keys}CODE`;
  await policy({ distributionType: 'CODE', code });
  await done('POST', 'coupons/download', { couponCode: code });
  const codes = await policy({ distributionType: 'CODE', code: undefined });
  await done('POST', `coupon-policies/${codes}/codes`, { count: 2 });
  await done('POST', `coupon-policies/${codes}/codes.csv`, 'code\r\nCARD-000123\r\n');

  await done('POST', `coupons/reservations/${(await reserve('reserve')).reservationId}/extend`);
  const { reservationId, couponId, orderId } = await reserve('reserve');
  await done('POST', `coupons/reservations/${reservationId}/confirm`);
  await done('POST', `coupons/${couponId}/restore`, { orderId });
  await done('DELETE', `coupons/apply/${(await reserve('apply')).reservationId}`);
  await done('POST', `coupons/${await coupon()}/use`, {});
  const shown = await done('GET', `coupons/${await coupon()}/redemption-code`);
  await done('POST', 'coupons/redeem', { redemptionCode: shown.body.code });
  await done('POST', `coupons/${await coupon()}/cancel`, { reason: 'audit' });

  await done('POST', 'points/charge', { userId: '14', amount: 5_000 });
  const earned = await done('POST', 'points/earn', { userId: '14', amount: 500, reason: 'audit' });
  await done('POST', 'points/use', { userId: '14', amount: 100 });
  await done('POST', 'points/cancel', { transactionId: earned.body.transactionId });
  await done('POST', 'points/charge', { amount: 5_000 });

  await done('PATCH', `products/${await product()}`, { name: 'Tea', version: 1 });
  await done('POST', `time-sales/${await timeSale()}/orders`, { quantity: 1 });
  const sale = await timeSale();
  await done('PATCH', `time-sales/${sale}`, { quantity: 8 });
  await done('POST', `time-sales/${sale}/stop`);
  await done('POST', `orders/${await order()}/cancel`);
  const paid = await order();
  await done('POST', 'payments', { orderId: paid, method: 'POINTS' });
  await done('POST', `orders/${paid}/refund`, { reason: 'audit' });

  const shop = await store();
  await done('PATCH', `stores/${shop}`, { name: 'Cafe Luna' });
  await done('PUT', `stores/${shop}/staff/15`);
  await done('DELETE', `stores/${shop}/staff/15`);
  const { uploadedImages } = (await upload('POST', `stores/${shop}/images`)).body;
  await done('DELETE', `stores/${shop}/images/${uploadedImages[0].imageId}`);
  await followAndUnfollow(`stores/${shop}`);
  const opensLater = { validFrom: new Date(Date.now() + DAY_MS), validUntil: new Date(Date.now() + 2 * DAY_MS) };
  const later = (await done('POST', 'coupon-policies', policyBody(opensLater))).body.couponPolicyId;
  await followAndUnfollow(`coupon-policies/${later}`);
  await done('DELETE', `stores/${shop}`);

  const text = { title: '안내', body: '내용' };
  const announcement = { class: 'TRANSACTIONAL', ko: text, en: text };
  const job = (await done('POST', 'notification-jobs', { audience: { type: 'USERS' }, ...announcement })).body;
  await done('POST', `notification-jobs/${job.jobId}/users.csv`, 'userId\r\n16\r\n');
  const other = (await done('POST', 'notification-jobs', { audience: { type: 'USERS' }, ...announcement })).body;
  await done('DELETE', `notification-jobs/${other.jobId}`);
  await done('POST', 'notification-jobs/test', announcement);
  const [notice] = (await done('GET', 'notifications')).body.notifications;
  await done('POST', `notifications/${notice.notificationId}/read`);
  await done('POST', 'notifications/read-all');
  await done('DELETE', `notifications/${notice.notificationId}`);
  await done('PUT', 'notifications/preferences', { language: 'en' });
  const endpoint = 'https://fcm.googleapis.com/fcm/send/audit';
  const browser = createECDH('prime256v1').generateKeys();
  const pushKeys = { p256dh: browser.toString('base64url'), auth: randomBytes(16).toString('base64url') };
  await done('PUT', 'notifications/push-subscriptions', { endpoint, keys: pushKeys });
  await done('DELETE', `notifications/push-subscriptions?endpoint=${encodeURIComponent(endpoint)}`);
  await postgresMailStore(db).suppress({
    digest: addressDigest('gone@example.com'),
    reason: 'HARD_BOUNCE',
    createdAt: new Date(),
  });
  await done('POST', 'notifications/suppressions/lift', { email: 'gone@example.com' });

  const receiver = { url: 'https://receiver.invalid/', topics: ['timesale.ended'] };
  const { webhookId } = (await done('POST', 'webhooks', receiver)).body;
  await done('PATCH', `webhooks/${webhookId}`, { description: 'Audited' });
  await done('POST', `webhooks/${webhookId}/rotate-secret`, {});
  const { deliveryId } = (await done('POST', `webhooks/${webhookId}/test`)).body;
  await done('POST', `webhooks/${webhookId}/deliveries/${deliveryId}/replay`);
  await done('DELETE', `webhooks/${webhookId}`);

  await done('PATCH', `users/${await signedUp()}`, { status: 'LOCKED' });
  await done('POST', 'auth/verify-email/request', { email: 'audit@example.com' });
  await done('POST', 'auth/password-reset', { email: 'audit@example.com' });
  const link = async (purpose: 'VERIFY_EMAIL' | 'RESET_PASSWORD') =>
    (await userWithLink(db, `audit-${++keys}@example.com`, purpose)).token;
  await done('POST', 'auth/verify-email', { token: await link('VERIFY_EMAIL') });
  const newPassword = 'staple of another kind';
  await done('POST', 'auth/password-reset/confirm', { token: await link('RESET_PASSWORD'), newPassword });
  const key = (await done('POST', 'auth/api-keys', { name: 'till', scopes: [] })).body.apiKeyId;
  await done('PATCH', `auth/api-keys/${key}`, { name: 'counter' });
  await done('DELETE', `auth/api-keys/${key}`);
  await done('PATCH', 'auth/profile', { name: 'Root' }, await loggedInAdmin());
  await upload('PUT', 'auth/profile/image', await loggedInAdmin());
  await done('DELETE', 'auth/profile/image', undefined, await loggedInAdmin());
  const passwords = { currentPassword: ADMIN.password, newPassword: 'staple of another kind' };
  await done('PUT', 'auth/password', passwords, await loggedInAdmin());
  const leaving = await signedUp();
  await done('PATCH', `users/${leaving}`, { role: 'OWNER' });
  await done('DELETE', 'auth/profile', undefined, { token: on.token(leaving, 'OWNER') });
  await done('POST', 'sandbox/clock', { advanceSeconds: 1 });
}

describe('the audit log', () => {
  it('every operation that changes something leaves a line when an administrator does it', async () => {
    await changeEverything();
    await settled();
    const { rows } = await db.query<{ operation: string }>('select distinct operation from identity.audit_log');
    const left = new Set(rows.map(({ operation }) => operation));
    const changes = [...operations.values()].filter(({ isChange }) => isChange);
    // An operation that is missing here joins `changeEverything`; when it is there, its context has not stored the key it was given.
    expect([...new Set(changes.map(({ id }) => id))].filter((id) => !left.has(id))).toEqual([]);
  });

  it('a line says who, what, when, by which request and which fields, and no value', async () => {
    const userId = await signedUp();
    const requestId = `request-${++keys}`;
    const before = Date.now() - 5_000;
    await done('PATCH', `users/${userId}`, { status: 'LOCKED', role: 'OWNER' }, { requestId });
    const lines = await linesUntil(requestId);
    const line = lines.find((each) => each.requestId === requestId) as Line & { readonly at: string };
    expect(line).toMatchObject({
      actor: 'user:1',
      role: 'ADMIN',
      operation: 'updateUser',
      subject: userId,
      fields: ['role', 'status'],
    });
    expect(Date.parse(line.at)).toBeGreaterThan(before);
    const texts = await db.query('select string_agg(l::text, chr(10)) as all from identity.audit_log as l');
    expect(texts.rows[0].all).not.toMatch(/correct horse|staple of another|@example\.com|Renamed/);
  });

  it('what is created is named by the line of its creation', async () => {
    const requestId = `request-${++keys}`;
    const created = await done('POST', 'coupon-policies', policyBody(), { requestId, key: null });
    const lines = await linesUntil(requestId);
    expect(lines.find((line) => line.requestId === requestId)?.subject).toBe(created.body.couponPolicyId);
    const key = await done('POST', 'auth/api-keys', { name: 'named', scopes: [] }, { requestId: `key-${requestId}` });
    const ofKey = (await linesUntil(`key-${requestId}`)).find((line) => line.requestId === `key-${requestId}`);
    expect(ofKey?.subject).toBe(key.body.apiKeyId);
  });

  it('the line of a member of the staff names the store and the user', async () => {
    const shop = await store();
    const requestId = `request-${++keys}`;
    await done('PUT', `stores/${shop}/staff/15`, undefined, { requestId });
    const line = (await linesUntil(requestId)).find((each) => each.requestId === requestId);
    expect([line?.operation, line?.subject, line?.fields]).toEqual(['addStoreStaff', shop, ['userId:15']]);
  });

  it('a refusal and a repeat leave no line', async () => {
    const [key, requestId] = [`key-${++keys}`, `request-${++keys}`];
    const json = policyBody({ name: 'Once' });
    const first = await done('POST', 'coupon-policies', json, { key, requestId });
    await done('POST', 'coupon-policies', json, { key, requestId });
    const token = on.token('1', 'ADMIN');
    const headers = { 'x-request-id': requestId, 'idempotency-key': `key-${++keys}` };
    const refused = [
      await on.call('PATCH', '/api/v1/users/42', { token, headers, json: { status: 'LOCKED' } }),
      await on.call('POST', '/api/v1/points/use', { token, headers, json: { userId: '98', amount: 5 } }),
      await on.call('POST', '/api/v1/orders/42/refund', { token, headers, json: { reason: 'none' } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([404, 409, 404]);
    const lines = (await settled()).filter((line) => line.requestId === requestId);
    expect(lines.map(({ subject }) => subject)).toEqual([first.body.couponPolicyId]);
  });

  it('an owner leaves a line, a customer none, and a machine only for what is not the command of a customer whom it names', async () => {
    const policyId = await policy();
    const key = await done('POST', 'auth/api-keys', { name: 'till', scopes: ['admin'] });
    const id = `roles-${++keys}`;
    const issue = (token: string) => done('POST', 'coupons/issue', { policyId }, { token, key: null, requestId: id });
    await issue(on.token('501', 'OWNER'));
    await issue(on.token('502'));
    const machine = { headers: { 'x-api-key': key.body.secret, 'x-request-id': id, 'idempotency-key': id } };
    await on.call('POST', '/api/v1/coupons/issue', { ...machine, json: { policyId, userId: '503' } });
    const json = { userId: '503', amount: 5, reason: 'audit' };
    const asked = (path: string, sent: object, more = {}) =>
      on.call('POST', `/api/v1/${path}`, { headers: { ...machine.headers, ...more }, json: sent });
    const actingFor = { 'x-user-id': '503', 'idempotency-key': `acting-${id}` };
    const earned = await asked('points/earn', json);
    const [one, two] = [await issue(on.token('504')), await issue(on.token('505'))].map(({ body }) => body.couponId);
    const answers = [
      earned,
      // What no customer can do, also for a customer whom it names.
      await asked('points/charge', { userId: '503', amount: 50 }),
      await asked('points/cancel', { transactionId: earned.body.transactionId }),
      await asked(`coupons/${one}/use`, {}),
      // Commands of customers.
      await asked('points/use', { userId: '503', amount: 5 }),
      await asked('points/use', { amount: 5 }, actingFor),
      await asked('points/charge', { amount: 5 }, actingFor),
      await asked('coupons/reserve', { userId: '505', couponId: two, reservationId: id, orderAmount: 20_000 }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 201, 200, 200, 200, 200, 201, 200]);
    const released = { headers: machine.headers };
    expect((await on.call('DELETE', `/api/v1/coupons/apply/${id}?userId=505`, released)).status).toBe(204);
    const lines = (await settled()).filter((line) => line.requestId === id);
    expect(lines.map(({ actor, role, operation }) => [actor, role, operation]).sort()).toEqual([
      ...['cancelPointTransaction', 'chargePoints', 'earnPoints', 'useCoupon'].map((operation) => [
        `key:${key.body.apiKeyId}`,
        'SERVICE',
        operation,
      ]),
      ['user:501', 'OWNER', 'issueCouponByPolicyId'],
    ]);
  });

  it('the log is read by actor, subject and time, page by page and as CSV, by administrators only', async () => {
    const subject = await signedUp();
    const token = on.token('77', 'ADMIN');
    const from = new Date(Date.now() - 5_000).toISOString();
    for (const status of ['LOCKED', 'ACTIVE', 'LOCKED']) await done('PATCH', `users/${subject}`, { status }, { token });
    await settled();
    const first = await done('GET', `audit-log?actor=user:77&subject=${subject}&from=${from}&limit=2`);
    expect([first.body.lines.length, first.body.hasMore]).toEqual([2, true]);
    const second = await done('GET', `audit-log?actor=user:77&limit=2&cursor=${first.body.nextCursor}`);
    expect([second.body.lines.length, second.body.hasMore]).toEqual([1, false]);
    expect((await done('GET', `audit-log?actor=user:77&to=${from}`)).body.lines).toEqual([]);
    const csv = await on.call('GET', `/api/v1/audit-log?actor=user:77`, {
      token: on.token('1', 'ADMIN'),
      headers: { accept: 'text/csv' },
    });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const [header, ...rows] = csv.text.trimEnd().split('\r\n');
    expect(header).toBe('auditId,at,actor,role,operation,requestId,subject,fields,actorExternalId,subjectExternalId');
    expect(rows).toHaveLength(3);
    const denied = await on.call('GET', '/api/v1/audit-log', { token: on.token('9', 'OWNER') });
    expect(denied.status).toBe(403);
  });

  it('a line is written by the transaction of the change, so that neither is there without the other', async () => {
    const events = await keepEvents(on);
    await db.query(`
      create function public.refuse_outbox() returns trigger language plpgsql as
        $$begin if new.payload like '%audit.recorded%' then raise 'no audit'; end if; return new; end$$;
      create trigger refuse_audit before insert on platform.outbox for each row execute function public.refuse_outbox()`);
    try {
      const json = { userId: '601', amount: 50, reason: 'audit' };
      const headers = { 'idempotency-key': `key-${++keys}` };
      const answer = await on.call('POST', '/api/v1/points/earn', { token: on.token('1', 'ADMIN'), headers, json });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      const { body } = await done('GET', 'points/users/601/balance');
      expect(body.balance).toBe(0);
      expect((await events()).join()).not.toContain('"601"');
    } finally {
      await db.query('drop trigger refuse_audit on platform.outbox');
    }
  });

  it('lines can be added and neither changed nor deleted', async () => {
    await expect(db.query(`update identity.audit_log set actor = 'user:2'`)).rejects.toThrow();
    await expect(db.query('delete from identity.audit_log')).rejects.toThrow();
  });
});
