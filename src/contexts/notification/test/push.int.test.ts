import { execFileSync } from 'node:child_process';
import { createDecipheriv, createECDH, createHmac, createPublicKey, type ECDH, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { guardedHttp } from '../../../platform/http/guarded-http.ts';
import { readVapidKey } from '../../../platform/web-push/vapid.ts';
import { postgresPushStore } from '../adapters/postgres/push-store.ts';
import type { DeliveryChannel } from '../application/deliver/ports.ts';
import { pushChannel } from '../application/deliver/push/push-channel.ts';
import { deletePushSubscription, savePushSubscription } from '../application/deliver/push/subscriptions.ts';
import { deliveryFixture, noticeOf } from './delivery-fixture.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let on: Awaited<ReturnType<typeof deliveryFixture>>;
let service: Server;
let origin: string;
let ca: string;
const received: Received[] = [];
type Answer = number | 'SILENCE' | 'CLOSE';
let status: Answer = 201;
/** Of browsers for which it is another one. */
const statusOf = new Map<string, Answer>();
const key = readVapidKey(randomBytes(32).toString('base64url'));
if (key === undefined) throw new Error('no key');
const store = () => postgresPushStore(on.database.pool);
const settings = () => ({ key, contact: 'https://shop.example.com', hosts: [new URL(origin).host] });
const channelWith = (http: ReturnType<typeof guardedHttp>): DeliveryChannel =>
  pushChannel({ store: store(), http, settings: settings(), sender: 'Cafe Sol', clock: on.clock });

beforeAll(async () => {
  on = await deliveryFixture();
  const directory = mkdtempSync(join(tmpdir(), 'stampede-push-'));
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-keyout', keyFile, '-out', certFile, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  ca = readFileSync(certFile, 'utf8');
  service = createServer({ key: readFileSync(keyFile), cert: ca }, (request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const path = request.url ?? '';
        received.push({ path, headers: request.headers, body: Buffer.concat(chunks) });
        const answer = statusOf.get(path) ?? status;
        if (answer === 'CLOSE') request.socket.destroy();
        else if (answer !== 'SILENCE') response.writeHead(answer, { location: 'https://elsewhere.example/' }).end();
      });
  });
  rmSync(directory, { recursive: true });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  origin = `https://localhost:${(service.address() as AddressInfo).port}`;
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await on.close();
});
beforeEach(async () => {
  await on.clear();
  received.length = 0;
  status = 201;
  statusOf.clear();
});

async function browser(userId: bigint, path = 'one'): Promise<{ keys: ECDH; auth: Buffer; endpoint: string }> {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  const auth = randomBytes(16);
  const endpoint = `${origin}/${path}`;
  const subscription = { userId, endpoint, p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') };
  const save = savePushSubscription(store(), settings());
  expect((await save({ ...subscription, commandKey: undefined })).outcome).toMatchObject({ $case: 'saved' });
  return { keys, auth, endpoint };
}
async function push(
  userId: number,
  http = guardedHttp({ timeoutMs: 1_000, isAllowed: () => true, ca }),
  kind: 'COUPON_ISSUED' | 'STORE_COUPON_OPENED' = 'COUPON_ISSUED',
): Promise<void> {
  await on.write(noticeOf(userId, kind, `c${received.length}`));
  await on.plan('PUSH');
  const channel = channelWith(http);
  await on.send(channel);
  channel.close();
}

/** What the browser does: RFC 8291, the other way round. */
function decrypted(body: Buffer, { keys, auth }: { readonly keys: ECDH; readonly auth: Buffer }): string {
  const hmac = (secret: Buffer, ...parts: readonly (Buffer | string)[]) => {
    const mac = createHmac('sha256', secret);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const [salt, sender, sealed] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
  const first = hmac(auth, keys.computeSecret(sender));
  const secret = hmac(first, 'WebPush: info\0', keys.getPublicKey(), sender, '\u0001');
  const random = hmac(salt, secret);
  const contentKey = hmac(random, 'Content-Encoding: aes128gcm\0\u0001').subarray(0, 16);
  const nonce = hmac(random, 'Content-Encoding: nonce\0\u0001').subarray(0, 12);
  const decipher = createDecipheriv('aes-128-gcm', contentKey, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  expect(plain.at(-1)).toBe(2);
  return plain.subarray(0, -1).toString('utf8');
}

test('a user of the shop without an account gets notices in the browsers that they subscribed, and no marketing', async () => {
  await browser(41n);
  on.unknown.add(41n);
  await push(41);
  await push(41, undefined, 'STORE_COUPON_OPENED');
  expect(received.map(({ path }) => path)).toEqual(['/one']);
  expect(await on.states()).toEqual(['SENT']);
});

test('a notice reaches the browser, encrypted for it, from a sender that the push service can verify', async () => {
  const reader = await browser(1n);
  await push(1);
  const [message] = received;
  if (message === undefined) throw new Error('nothing arrived');
  expect(JSON.parse(decrypted(message.body, reader))).toMatchObject({
    title: '쿠폰이 발급되었습니다',
    path: '/coupons/c0',
  });
  expect(message.body.includes('쿠폰')).toBe(false);
  const { ttl, urgency, topic, authorization = '' } = message.headers;
  expect([ttl, urgency, message.headers['content-encoding']]).toEqual(['86400', 'normal', 'aes128gcm']);
  expect(topic).toMatch(/^[\w-]{32}$/);
  const [, stated = '', signature = '', k = ''] = /^vapid t=([^,]+)\.([\w-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  const point = Buffer.from(k, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const isValid = verify(
    'sha256',
    Buffer.from(stated),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  expect(isValid).toBe(true);
  expect(JSON.parse(Buffer.from(stated.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ aud: origin });
  expect(await on.states()).toEqual(['SENT']);
});

test('a browser that is gone is removed, and no notice goes there again', async () => {
  await browser(1n);
  status = 410;
  await push(1);
  expect(await on.states()).toEqual(['FAILED STATUS_410']);
  expect(await store().subscriptionsOf([1n])).toEqual([]);
});

test('every browser of a user gets the notice once, also when one of them is gone', async () => {
  const [one, other] = [await browser(1n, 'one'), await browser(1n, 'other')];
  await push(1);
  expect(received.map(({ path }) => path).sort()).toEqual(['/one', '/other']);
  for (const { path, body } of received) decrypted(body, path === '/one' ? one : other);
  expect(await on.states()).toEqual(['SENT']);
});

test('marketing says in its title that it is, and who sends it', async () => {
  const reader = await browser(1n);
  await push(1, undefined, 'STORE_COUPON_OPENED');
  expect(JSON.parse(decrypted(received[0]?.body ?? Buffer.alloc(0), reader))).toMatchObject({
    title: '(광고) [Cafe Sol] 카페 솔에 새 쿠폰이 있습니다',
  });
});

test('what one browser got, or may have got, is not sent again because another one did not', async () => {
  await browser(1n, 'one');
  await browser(1n, 'other');
  statusOf.set('/one', 503);
  await push(1);
  expect(await on.states()).toEqual(['SENT']);
  statusOf.set('/other', 'CLOSE');
  await on.clear();
  await browser(1n, 'one');
  await browser(1n, 'other');
  await push(1);
  expect((await on.states())[0]).toMatch(/^UNKNOWN/);
});

test('a push service that is away or busy is asked again, and one that took the request and said nothing is not', async () => {
  await browser(1n);
  status = 503;
  await push(1);
  expect(await on.states()).toEqual(['PENDING STATUS_503']);
  status = 'SILENCE';
  on.advance(60_000);
  await push(2);
  const channel = channelWith(guardedHttp({ timeoutMs: 300, isAllowed: () => true, ca }));
  await on.send(channel);
  status = 'CLOSE';
  expect((await on.states())[0]).toMatch(/^UNKNOWN/);
  on.advance(86_400_000);
  const before = received.length;
  await on.send(channel);
  channel.close();
  expect(received).toHaveLength(before);
});

test('docs/attacks.md 51: an endpoint that resolves to this machine gets no request, however it is written', async () => {
  await browser(1n);
  await push(1, guardedHttp({ timeoutMs: 1_000, ca }));
  expect(received).toEqual([]);
  expect(await on.states()).toEqual(['FAILED ADDRESS_REFUSED']);
  const http = guardedHttp({ timeoutMs: 1_000, ca });
  for (const url of [
    `${origin}/`,
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'https://[::ffff:7f00:1]/',
    'http://example.com/',
  ]) {
    await expect(http.post(new URL(url), {}, Buffer.alloc(0)), url).rejects.toThrow(/reached/);
  }
  await http.close();
});

test('docs/attacks.md 51: a redirect is not followed', async () => {
  await browser(1n);
  status = 302;
  await push(1);
  expect(received).toHaveLength(1);
  expect(await on.states()).toEqual(['FAILED STATUS_302']);
});

test('docs/attacks.md 51: endpoints elsewhere, and keys that are none, are refused', async () => {
  const save = savePushSubscription(store(), settings());
  const good = {
    userId: 1n,
    endpoint: `${origin}/x`,
    p256dh: `B${'A'.repeat(86)}`,
    auth: 'A'.repeat(22),
    commandKey: undefined,
  };
  for (const bad of [
    { endpoint: 'https://169.254.169.254/latest' },
    { endpoint: 'http://localhost/' },
    { p256dh: 'short' },
    { auth: '' },
  ]) {
    expect((await save({ ...good, ...bad })).outcome).toMatchObject({ value: { code: 'VALIDATION_FAILED' } });
  }
});

async function endpointsOf(userId: bigint): Promise<readonly string[]> {
  return (await store().subscriptionsOf([userId])).map(({ endpoint }) => endpoint.slice(origin.length)).sort();
}

test('a browser that another user subscribes belongs to that user, when its secret is the same', async () => {
  const { keys, auth, endpoint } = await browser(1n, 'shared');
  const save = savePushSubscription(store(), settings());
  const shared = { endpoint, p256dh: keys.getPublicKey('base64url'), commandKey: undefined };
  const taken = await save({ ...shared, userId: 2n, auth: randomBytes(16).toString('base64url') });
  expect(taken.outcome).toMatchObject({ value: { code: 'PUSH_ENDPOINT_TAKEN' } });
  expect([await endpointsOf(1n), await endpointsOf(2n)]).toEqual([['/shared'], []]);
  const saved = await save({ ...shared, userId: 2n, auth: auth.toString('base64url') });
  expect(saved.outcome).toMatchObject({ $case: 'saved' });
  expect([await endpointsOf(1n), await endpointsOf(2n)]).toEqual([[], ['/shared']]);
  await browser(2n, 'shared');
  expect(await endpointsOf(2n)).toEqual(['/shared']);
});

test('a user has at most ten browsers, and the oldest goes', async () => {
  for (let index = 0; index < 10; index++) await browser(3n, `b${index}`);
  await on.database.pool.query(
    `update notification.push_subscriptions set created_at = created_at - interval '1 day' where endpoint like '%/b4'`,
  );
  await browser(3n, 'new');
  expect(await endpointsOf(3n)).toEqual(['/b0', '/b1', '/b2', '/b3', '/b5', '/b6', '/b7', '/b8', '/b9', '/new']);
});

test('a user who has deleted the account gets no browser', async () => {
  await on.database.pool.query('insert into notification.inboxes (user_id, deleted_at) values (4, now())');
  const save = savePushSubscription(store(), settings());
  const good = { endpoint: `${origin}/x`, p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22), commandKey: undefined };
  expect((await save({ ...good, userId: 4n })).outcome).toMatchObject({ value: { code: 'FORBIDDEN' } });
  expect(await endpointsOf(4n)).toEqual([]);
});

test('a browser is removed however its endpoint is spelled, and by its user alone', async () => {
  await browser(1n, 'spelled');
  const remove = deletePushSubscription(store());
  const endpoint = `${origin.replace('https://localhost', 'HTTPS://LocalHost')}/./spelled`;
  await remove({ userId: 2n, endpoint, commandKey: undefined });
  expect(await endpointsOf(1n)).toEqual(['/spelled']);
  await remove({ userId: 1n, endpoint, commandKey: undefined });
  expect(await endpointsOf(1n)).toEqual([]);
});

test('a push service keeps a notice of an opening until then', async () => {
  await browser(1n);
  const opensAt = new Date(on.clock() + 3_600_000).toISOString();
  await on.write(noticeOf(1, 'POLICY_OPENING', 'p', { opensAt }));
  await on.plan('PUSH');
  const channel = channelWith(guardedHttp({ timeoutMs: 1_000, isAllowed: () => true, ca }));
  await on.send(channel);
  channel.close();
  expect(received.map(({ headers }) => headers['ttl'])).toEqual(['3600']);
});

test('marketing to browsers has a limit of its own, also within a claim, and mails do not count', async () => {
  await browser(1n);
  const channel = channelWith(guardedHttp({ timeoutMs: 1_000, isAllowed: () => true, ca }));
  await on.write(...['a', 'b', 'c'].map((subject) => noticeOf(1, 'STORE_COUPON_OPENED', subject)));
  await on.write(noticeOf(1, 'ANNOUNCEMENT', 'rules', { title: 'New terms', noticeClass: 'TRANSACTIONAL' }));
  await on.plan('PUSH');
  await on.send(channel);
  expect((await on.states()).toSorted()).toEqual(['PENDING MARKETING_LIMIT', 'SENT', 'SENT', 'SENT']);
  await on.database.pool.query(`delete from notification.deliveries where state = 'PENDING'`);
  await on.write(noticeOf(1, 'STORE_COUPON_OPENED', 'later'));
  await on.plan('PUSH');
  await on.send(channel);
  expect((await on.states()).toSorted()).toEqual(['PENDING MARKETING_LIMIT', 'SENT', 'SENT', 'SENT']);
  await on.database.pool.query(
    `update notification.deliveries set channel = 'EMAIL', digest = 'MARKETING' where kind = 'STORE_COUPON_OPENED' and state = 'SENT'`,
  );
  on.advance(86_400_000 - 60_000);
  await on.write(noticeOf(1, 'STORE_COUPON_OPENED', 'other channel'));
  await on.plan('PUSH');
  await on.send(channel);
  channel.close();
  expect((await on.states()).filter((state) => state === 'SENT')).toHaveLength(4);
});
