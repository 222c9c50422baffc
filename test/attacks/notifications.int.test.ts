import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolvedDocument } from '../support/resolved-document.ts';
import { openPolicy, type Stage, stage, testUsers, until } from './support.ts';

let on: Stage;
const testUser = testUsers();
const [owner, other] = [testUser(501), testUser(502)];
let notificationId: string;
const PATH = '/api/v1/notifications';
const UNKNOWN = '7330011234567890';
const MARKUP = `<img src=x onerror=alert(1)>'"; drop table`;
beforeAll(async () => {
  on = await stage();
  const policyId = await openPolicy(on, { name: MARKUP });
  await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(owner) });
  await until(async () => (await inboxOf(owner)).body.unreadCount === 1);
  notificationId = (await inboxOf(owner)).body.notifications[0].notificationId;
});
afterAll(() => on.stop());

const inboxOf = (user: string, query = '') => on.call('GET', `${PATH}${query}`, { token: on.token(user) });
/** A problem document, less what differs with every request. */
const plain = ({ body }: { body: object }) => ({ ...body, instance: '', requestId: '' });

describe('the inbox under attack', () => {
  it('docs/attacks.md 32: a notification of another user gets the 404 of one that does not exist', async () => {
    for (const [method, suffix] of [
      ['POST', '/read'],
      ['DELETE', ''],
    ] as const) {
      for (const role of ['CUSTOMER', 'OWNER', 'ADMIN'] as const) {
        const token = on.token(other, role);
        const theirs = await on.call(method, `${PATH}/${notificationId}${suffix}`, { token });
        const none = await on.call(method, `${PATH}/${UNKNOWN}${suffix}`, { token });
        expect([theirs.status, theirs.body.code]).toEqual([404, 'NOTIFICATION_NOT_FOUND']);
        expect(plain(theirs)).toEqual(plain(none));
      }
    }
    expect((await inboxOf(owner)).body).toMatchObject({ notifications: [{ read: false }], unreadCount: 1 });
    expect((await inboxOf(other)).body.notifications).toEqual([]);
  });

  it.each([
    ['GET', ''],
    ['POST', `/${UNKNOWN}/read`],
    ['POST', '/read-all'],
    ['DELETE', `/${UNKNOWN}`],
    ['GET', '/preferences'],
    ['PUT', '/preferences'],
  ])(
    'docs/attacks.md 33: %s /notifications%s needs a credential, and of a machine a scope and a user',
    async (method, suffix) => {
      const path = `${PATH}${suffix}`;
      const body = method === 'PUT' ? { json: {} } : {};
      expect((await on.call(method, path, body)).status).toBe(401);
      const wrongScope = { ...body, token: on.token('8', 'SERVICE', 'coupons:read'), headers: { 'x-user-id': owner } };
      expect((await on.call(method, path, wrongScope)).body.code).toBe('SCOPE_MISSING');
      const nobody = { ...body, token: on.token('8', 'SERVICE', 'users:read users:write') };
      expect((await on.call(method, path, nobody)).body.code).toBe('VALIDATION_FAILED');
    },
  );

  it('docs/attacks.md 61: a machine reads and changes the inbox of X-User-Id alone, by the scopes of users', async () => {
    const as = (scope: string) => ({ token: on.token('8', 'SERVICE', scope), headers: { 'x-user-id': owner } });
    const read = await on.call('GET', PATH, as('users:read'));
    expect(read.body.notifications).toMatchObject([{ notificationId }]);
    expect((await on.call('POST', `${PATH}/read-all`, as('users:read'))).body.code).toBe('SCOPE_MISSING');
    const foreign = { token: on.token('8', 'SERVICE', 'users:write'), headers: { 'x-user-id': other } };
    expect((await on.call('POST', `${PATH}/${notificationId}/read`, foreign)).status).toBe(404);
  });

  it('docs/attacks.md 35 and 8: preferences take no other keys, kinds or users', async () => {
    const token = on.token(owner);
    const put = (text: string) => on.call('PUT', `${PATH}/preferences`, { token, text });
    for (const text of [
      '{"__proto__": {"language": "ko"}}',
      '{"constructor": {}}',
      `{"userId": "${other}"}`,
      '{"marketingConsent": true}',
      '{"preferences": [{"kind": "__proto__", "channel": "EMAIL", "enabled": true}]}',
      '{"preferences": [{"kind": "ORDER_PAID", "channel": "EMAIL", "enabled": true, "userId": "1"}]}',
      '{"preferences": {"kind": "ORDER_PAID"}}',
      '{"expiryDays": [7, 3, 1, 7]}',
      '{"expiryDays": [1e309]}',
      '{"timezone": "../../etc/passwd"}',
      '{"quietHours": {"from": "21:00"}}',
    ]) {
      const { status, body } = await put(text);
      expect([status, body.code], text).toEqual([400, 'VALIDATION_FAILED']);
    }
    const repeated = { kind: 'ORDER_PAID', channel: 'EMAIL', enabled: false };
    expect((await put(JSON.stringify({ preferences: [repeated, { ...repeated, enabled: true }] }))).status).toBe(400);
    expect((await on.call('GET', `${PATH}/preferences`, { token })).body).toMatchObject({ language: null });
  });

  it.each(['?limit=1000000000', '?limit=0', '?unread=1', '?unread=true&unread=true', '?cursor[]=a', '?userId=1'])(
    'docs/attacks.md 39 and 49: the query %s gets 400',
    async (query) => {
      expect((await inboxOf(owner, query)).status).toBe(400);
    },
  );

  it('docs/attacks.md 54: markup in names is data, as it was written, in a response that no cache keeps', async () => {
    const { headers, body } = await inboxOf(owner);
    expect(body.notifications[0].data.couponName).toBe(MARKUP);
    expect(body.notifications[0].body).toContain(MARKUP);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('docs/attacks.md 36: responses about notifications contain exactly the documented fields', async () => {
    const { paths } = await resolvedDocument(on);
    const fieldsOf = (path: string) => paths[path].get.responses['200'].content['application/json'].schema.properties;
    const list = fieldsOf(PATH);
    const { body } = await inboxOf(owner);
    expect(Object.keys(body).sort()).toEqual(Object.keys(list).sort());
    expect(Object.keys(body.notifications[0]).sort()).toEqual(Object.keys(list.notifications.items.properties).sort());
    const preferences = (await on.call('GET', `${PATH}/preferences`, { token: on.token(owner) })).body;
    expect(Object.keys(preferences).sort()).toEqual(Object.keys(fieldsOf(`${PATH}/preferences`)).sort());
  });
});
