import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { resolvedDocument } from '../support/resolved-document.ts';
import {
  ADMIN,
  type Answer,
  afterChange,
  call,
  configOf,
  newEmail,
  openPolicy,
  policyBody,
  type Stage,
  stage,
  testUsers,
  until,
} from './support.ts';

/** The list of the specification. Written here again, so that a change of the program's list is seen. */
const SCOPES = [
  ...['policies:read', 'policies:write', 'coupons:read', 'coupons:issue', 'coupons:use'],
  ...['points:read', 'points:charge', 'points:write', 'catalog:read', 'catalog:write'],
  ...['orders:read', 'orders:write', 'payments:refund', 'stores:read', 'stores:write'],
  ...['users:read', 'users:write', 'webhooks:write', 'statistics:read', 'admin'],
];
const EVERY_USER = ['CUSTOMER', 'OWNER', 'ADMIN'] as const;
const EDITORS = ['OWNER', 'ADMIN'] as const;
const ADMINS = ['ADMIN'] as const;
type User = (typeof EVERY_USER)[number];

interface Rule {
  /** NEVER: not with any scope. NOT_READ: the route reads no credential at all. */
  readonly scope: string;
  /** Who may do it without a key. */
  readonly users: 'ANYBODY' | readonly User[];
  readonly operations: readonly string[];
}

/** Who may do what: the specification's table, for what is served today. Paths are those of the first version, without `/api/v1`. */
const RULES: readonly Rule[] = [
  {
    scope: 'policies:read',
    users: 'ANYBODY',
    operations: ['GET /coupon-policies', 'GET /coupon-policies/{id}', 'GET /stores/{id}/coupon-policies'],
  },
  {
    scope: 'policies:read',
    users: EDITORS,
    operations: [
      'GET /coupon-policies/{id}/codes.csv',
      'GET /coupon-policies/{id}/coupons',
      'GET /jobs/{id}',
      'GET /jobs/{id}/events',
      'GET /jobs/{id}/errors',
      'GET /jobs/{id}/errors.csv',
    ],
  },
  {
    scope: 'policies:write',
    users: EDITORS,
    operations: [
      'POST /coupon-policies',
      'POST /admin/coupon-policies',
      'PUT /admin/coupon-policies/{id}',
      'POST /admin/coupon-policies/{id}/clone',
      'POST /admin/coupon-policies/{id}/activate',
      'POST /admin/coupon-policies/{id}/pause',
      'POST /admin/coupon-policies/{id}/suspend',
      'POST /admin/coupon-policies/{id}/resume',
      'POST /admin/coupon-policies/{id}/withdraw',
      'POST /admin/coupon-policies/{id}/end',
      'PATCH /coupon-policies/{id}/remaining-quantity',
      'POST /coupon-policies/{id}/codes',
      'POST /coupon-policies/{id}/codes.csv',
    ],
  },
  {
    scope: 'coupons:read',
    users: 'ANYBODY',
    operations: [
      'GET /coupons/policies/{policyId}/stock',
      'GET /coupons/policies/{policyId}/stock/stream',
      'GET /coupons/validate/{couponCode}',
    ],
  },
  {
    scope: 'coupons:read',
    users: EVERY_USER,
    operations: [
      'GET /coupons/policies/{policyId}/issued',
      'GET /coupons/users/{userId}',
      'GET /coupons/user/{userId}',
      'GET /coupons/users/{userId}/expiring',
      'GET /coupons/users/{userId}/statistics',
      'GET /coupons/{couponId}/redemption-code',
      'GET /coupons/{couponId}',
    ],
  },
  { scope: 'coupons:read', users: ADMINS, operations: ['GET /coupons/reservations/{reservationId}'] },
  {
    scope: 'coupons:issue',
    users: EVERY_USER,
    operations: ['POST /coupons/policies/{policyId}/issue', 'POST /coupons/issue', 'POST /coupons/download'],
  },
  {
    scope: 'coupons:issue',
    users: EDITORS,
    operations: ['POST /coupons/direct-issue', 'POST /coupon-policies/{id}/direct-issue.csv'],
  },
  {
    scope: 'coupons:use',
    users: EVERY_USER,
    operations: [
      'POST /coupons/reserve',
      'POST /coupons/apply',
      'DELETE /coupons/apply/{reservationId}',
      'POST /coupons/{couponId}/use',
      'POST /coupons/redeem',
      'POST /coupons/quote',
    ],
  },
  { scope: 'coupons:use', users: EDITORS, operations: ['POST /coupons/{couponId}/cancel'] },
  {
    scope: 'coupons:use',
    users: ADMINS,
    operations: [
      'POST /coupons/reservations/{reservationId}/confirm',
      'POST /coupons/reservations/{reservationId}/extend',
      'POST /coupons/{couponId}/restore',
    ],
  },
  {
    scope: 'points:read',
    users: EVERY_USER,
    operations: [
      'GET /points/charges/{chargeId}',
      'GET /points/users/{userId}/balance',
      'GET /points/users/{userId}/history',
    ],
  },
  { scope: 'points:charge', users: EVERY_USER, operations: ['POST /points/charge'] },
  { scope: 'points:write', users: EVERY_USER, operations: ['POST /points/use', 'POST /points/cancel'] },
  { scope: 'points:write', users: ADMINS, operations: ['POST /points/earn'] },
  {
    scope: 'catalog:read',
    users: 'ANYBODY',
    operations: [
      'GET /products',
      'GET /products/popular',
      'GET /products/{id}',
      'GET /time-sales',
      'GET /time-sales/{id}',
      'GET /time-sales/{id}/stream',
    ],
  },
  {
    scope: 'catalog:write',
    users: EDITORS,
    operations: [
      'POST /products',
      'PATCH /products/{id}',
      'POST /time-sales',
      'PATCH /time-sales/{id}',
      'POST /time-sales/{id}/stop',
    ],
  },
  {
    scope: 'orders:read',
    users: EVERY_USER,
    operations: [
      'GET /orders',
      'GET /orders/{orderId}',
      'GET /orders/{orderId}/payments',
      'GET /orders/{orderId}/refunds',
      'GET /payments/{paymentId}',
    ],
  },
  {
    scope: 'orders:write',
    users: EVERY_USER,
    operations: [
      'POST /orders',
      'POST /time-sales/{timeSaleId}/orders',
      'POST /orders/{orderId}/cancel',
      'POST /payments',
    ],
  },
  { scope: 'stores:read', users: 'ANYBODY', operations: ['GET /stores', 'GET /stores/{id}'] },
  { scope: 'stores:read', users: EDITORS, operations: ['GET /stores/my'] },
  { scope: 'stores:read', users: EVERY_USER, operations: ['GET /subscriptions'] },
  {
    scope: 'stores:write',
    users: EVERY_USER,
    operations: [
      'PUT /stores/{id}/subscription',
      'DELETE /stores/{id}/subscription',
      'PUT /coupon-policies/{id}/subscription',
      'DELETE /coupon-policies/{id}/subscription',
    ],
  },
  {
    scope: 'stores:write',
    users: EDITORS,
    operations: [
      'POST /stores',
      'PATCH /stores/{id}',
      'DELETE /stores/{id}',
      'PUT /stores/{id}/staff/{userId}',
      'DELETE /stores/{id}/staff/{userId}',
      'POST /stores/{id}/images',
      'DELETE /stores/{id}/images/{imageId}',
    ],
  },
  { scope: 'payments:refund', users: EDITORS, operations: ['POST /orders/{orderId}/refund'] },
  {
    scope: 'statistics:read',
    users: EDITORS,
    operations: ['GET /statistics/daily', 'GET /coupon-policies/{id}/statistics', 'GET /stores/{id}/statistics'],
  },
  {
    scope: 'users:read',
    users: EVERY_USER,
    operations: [
      'GET /auth/profile',
      'GET /notifications',
      'GET /notifications/stream',
      'GET /notifications/preferences',
    ],
  },
  { scope: 'users:read', users: 'ANYBODY', operations: ['GET /notifications/push-key'] },
  { scope: 'users:read', users: ADMINS, operations: ['GET /users', 'GET /users/{id}'] },
  { scope: 'users:write', users: ADMINS, operations: ['PATCH /users/{id}'] },
  { scope: 'NEVER', users: EVERY_USER, operations: ['PUT /auth/password', 'DELETE /auth/profile'] },
  {
    scope: 'users:write',
    users: EVERY_USER,
    operations: [
      'PATCH /auth/profile',
      'PUT /auth/profile/image',
      'DELETE /auth/profile/image',
      'POST /notifications/{id}/read',
      'POST /notifications/read-all',
      'DELETE /notifications/{id}',
      'PUT /notifications/preferences',
      'PUT /notifications/push-subscriptions',
      'DELETE /notifications/push-subscriptions',
    ],
  },
  // "admin is all but roles and keys": what no other scope names.
  {
    scope: 'admin',
    users: 'ANYBODY',
    operations: [
      'POST /auth/signup',
      'POST /auth/login',
      'POST /auth/refresh',
      'POST /auth/logout',
      'POST /auth/backchannel-logout/{issuerName}',
      'POST /auth/verify-email',
      'POST /auth/verify-email/request',
      'POST /auth/password-reset',
      'POST /auth/password-reset/confirm',
      'GET /verify-email',
      'POST /verify-email',
      'GET /password-reset',
      'POST /password-reset',
      'GET /unsubscribe',
      'GET /sandbox/payments/{ref}',
      'POST /sandbox/payments/{ref}',
    ],
  },
  {
    scope: 'admin',
    users: ADMINS,
    operations: [
      'GET /sandbox/clock',
      'POST /sandbox/clock',
      'POST /sandbox/jobs',
      'GET /audit-log',
      'POST /notification-jobs/{id}/users.csv',
      'GET /notifications/suppressions',
      'POST /notifications/suppressions/lift',
    ],
  },
  {
    scope: 'admin',
    users: EDITORS,
    operations: [
      'GET /notification-jobs',
      'GET /notification-jobs/{id}',
      'DELETE /notification-jobs/{id}',
      'POST /notification-jobs',
      'POST /notification-jobs/preview',
      'POST /notification-jobs/test',
    ],
  },
  {
    scope: 'webhooks:write',
    users: ADMINS,
    operations: [
      'POST /webhooks',
      'GET /webhooks',
      'GET /webhooks/{id}',
      'PATCH /webhooks/{id}',
      'DELETE /webhooks/{id}',
      'POST /webhooks/{id}/rotate-secret',
      'POST /webhooks/{id}/test',
      'GET /webhooks/{id}/deliveries',
      'POST /webhooks/{id}/deliveries/{deliveryId}/replay',
    ],
  },
  {
    scope: 'NEVER',
    users: ADMINS,
    operations: [
      'POST /auth/api-keys',
      'GET /auth/api-keys',
      'PATCH /auth/api-keys/{id}',
      'DELETE /auth/api-keys/{id}',
    ],
  },
  {
    scope: 'NOT_READ',
    users: 'ANYBODY',
    operations: [
      'GET /healthz',
      'GET /readyz',
      'GET /metrics',
      'GET /files/{name}',
      'GET /llms.txt',
      'GET /docs/{page}',
      'POST /payments/webhook',
      'POST /notifications/mail-events',
      'POST /unsubscribe',
    ],
  },
];

interface Described {
  readonly security: object[];
  /** Of keys that are sent where no credential is required. */
  readonly 'x-stampede-scope'?: string;
}

let on: Stage;
const testUser = testUsers();
/** Every path of every operation of the document, by the operation's name in RULES. */
let served: Map<string, { readonly method: string; readonly path: string; readonly keyScopes: unknown }[]>;
/** The secrets of keys with one scope each, and with all others but `admin`. */
const [alone, allBut] = [new Map<string, string>(), new Map<string, string>()];
let withoutScopes: string;
let ofAll: string;

const admin = () => on.token(testUser(1), 'ADMIN');
const nameOf = (method: string, path: string): string =>
  `${method.toUpperCase()} ${path.replace(/^\/api(\/v1)?(?=\/)/, '')}`;

async function makeKey(scopes: readonly string[]): Promise<string> {
  const made = await on.call('POST', '/api/v1/auth/api-keys', { token: admin(), json: { name: 'till', scopes } });
  if (made.status !== 201) throw new Error(`no key: ${made.text}`);
  return made.body.secret;
}

beforeAll(async () => {
  on = await stage({ sandbox: true });
  const body = await resolvedDocument(on);
  served = new Map();
  for (const [path, item] of Object.entries<Record<string, Described>>(body.paths)) {
    for (const [method, { security, 'x-stampede-scope': openScope }] of Object.entries(item)) {
      const required = security.flatMap((each) => Object.entries(each)).find(([name]) => name === 'apiKey')?.[1];
      const keyScopes = required ?? (openScope && [openScope]);
      const name = nameOf(method, path);
      served.set(name, [...(served.get(name) ?? []), { method: method.toUpperCase(), path, keyScopes }]);
    }
  }
  for (const scope of SCOPES) {
    alone.set(scope, await makeKey([scope]));
    allBut.set(scope, await makeKey(SCOPES.filter((each) => each !== scope && each !== 'admin')));
  }
  withoutScopes = await makeKey([]);
  ofAll = alone.get('admin') ?? '';
});
afterAll(() => on.stop());

const ROWS = RULES.flatMap(({ operations, ...rule }) => operations.map((operation) => ({ operation, ...rule })));

/** What the guard said. A parameter that no route knows is refused after the guard, so a request has no effect. */
async function verdictOf(method: string, path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const concrete = path.replace(/\{\w+\}/g, '7330011234567890');
  const { status, body } = await on.call(method, `${concrete}?unknown-parameter=1`, { headers });
  if (status === 400) return 'allowed';
  return status === 401 || status === 403 ? `${status} ${body.code}` : `unexpected: ${status}`;
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const machineVerdict = (rule: Rule | (typeof ROWS)[number], scopes: readonly string[]): string => {
  if (rule.scope === 'NEVER') return '403 FORBIDDEN';
  return scopes.includes(rule.scope) || scopes.includes('admin') ? 'allowed' : '403 SCOPE_MISSING';
};
/** A machine that acts for a customer is a customer, whatever its scopes are. */
const actingVerdict = ({ scope, users }: (typeof ROWS)[number]): string =>
  scope !== 'NEVER' && (users === 'ANYBODY' || users.includes('CUSTOMER')) ? 'allowed' : '403 FORBIDDEN';

describe('the scope of each operation', () => {
  it('the scope of an operation is stated for every operation of the document, and no other', () => {
    expect(ROWS.map(({ operation }) => operation).sort()).toEqual([...served.keys()].sort());
  });

  it.each(ROWS.filter(({ scope }) => scope !== 'NOT_READ'))(
    'docs/attacks.md 61: $operation checks the role of users, and the scope $scope of machines',
    async (rule) => {
      const callers: [string, Readonly<Record<string, string>>, string][] = [
        ['anonymous', {}, rule.users === 'ANYBODY' ? 'allowed' : '401 UNAUTHENTICATED'],
      ];
      for (const role of EVERY_USER) {
        const isAllowed = rule.users === 'ANYBODY' || rule.users.includes(role);
        // A scope in the token of a user gives nothing.
        for (const scope of [undefined, SCOPES.join(' ')]) {
          callers.push([
            `${role} ${scope}`,
            bearer(on.token('9', role, scope)),
            isAllowed ? 'allowed' : '403 FORBIDDEN',
          ]);
        }
      }
      for (const scope of SCOPES) {
        const others = SCOPES.filter((each) => each !== scope && each !== 'admin');
        callers.push(
          [`key ${scope}`, { 'x-api-key': alone.get(scope) ?? '' }, machineVerdict(rule, [scope])],
          [`key all but ${scope}`, bearer(allBut.get(scope) ?? ''), machineVerdict(rule, others)],
          [`token ${scope}`, bearer(on.token('8', 'SERVICE', scope)), machineVerdict(rule, [scope])],
        );
      }
      callers.push(
        ['key without scopes', { 'x-api-key': withoutScopes }, machineVerdict(rule, [])],
        ['key for a user', { 'x-api-key': withoutScopes, 'x-user-id': '9' }, machineVerdict(rule, [])],
        ['token without scope', bearer(on.token('8', 'SERVICE')), machineVerdict(rule, [])],
        ['key of all for a customer', { 'x-api-key': ofAll, 'x-user-id': '9' }, actingVerdict(rule)],
        [
          'token of all for a customer',
          { ...bearer(on.token('8', 'SERVICE', 'admin')), 'x-user-id': '9' },
          actingVerdict(rule),
        ],
      );
      for (const { method, path, keyScopes } of served.get(rule.operation) ?? []) {
        const said = await Promise.all(
          callers.map(async ([caller, headers]) => [path, caller, await verdictOf(method, path, headers)]),
        );
        expect(said).toEqual(callers.map(([caller, , expected]) => [path, caller, expected]));
        expect([path, keyScopes]).toEqual([path, rule.scope === 'NEVER' ? undefined : [rule.scope]]);
      }
    },
  );

  it.each(ROWS.filter(({ scope }) => scope === 'NOT_READ'))(
    'docs/attacks.md 61: $operation reads no credential',
    async ({ operation }) => {
      for (const { method, path, keyScopes } of served.get(operation) ?? []) {
        const [none, key] = [
          await on.call(method, path),
          await on.call(method, path, { headers: { 'x-api-key': 'x' } }),
        ];
        expect([path, key.status, keyScopes]).toEqual([path, none.status, undefined]);
      }
    },
  );
});

const said = ({ status, body }: Answer) => [status, body?.code];
const asKey = (secret: string) => ({ headers: { 'x-api-key': secret, 'idempotency-key': `k-${secret.slice(-9)}` } });

describe('API keys', () => {
  it('docs/attacks.md 61: a key for issuing issues, and neither gives points nor refunds', async () => {
    const key = asKey(alone.get('coupons:issue') ?? '');
    const policyId = await openPolicy(on);
    const issued = await on.call('POST', '/api/v1/coupons/issue', {
      ...key,
      json: { policyId, userId: testUser(6101) },
    });
    expect([issued.status, issued.body.userId]).toEqual([201, testUser(6101)]);
    const json = { userId: testUser(6101), amount: 12_345, reason: 'no such scope' };
    const earn = await on.call('POST', '/api/v1/points/earn', { ...key, json });
    expect([...said(earn), earn.body.scope]).toEqual([403, 'SCOPE_MISSING', 'points:write']);
    expect(earn.body.detail).toContain('points:write');
    const charge = await on.call('POST', '/api/v1/points/charge', {
      ...key,
      json: { userId: testUser(6101), amount: 5 },
    });
    expect([...said(charge), charge.body.scope]).toEqual([403, 'SCOPE_MISSING', 'points:charge']);
    const refund = await on.call('POST', '/api/v1/orders/1/refund', { ...key, json: { reason: 'no such scope' } });
    expect(said(refund)).toEqual([403, 'SCOPE_MISSING']);
    const balance = await on.call('GET', `/api/v1/points/users/${testUser(6101)}/balance`, { token: admin() });
    expect(balance.body.balance).toBe(0);
  });

  it('a key manages what its scope names, also what others created', async () => {
    const write = asKey(alone.get('policies:write') ?? '');
    const made = await on.call('POST', '/api/v1/coupon-policies', {
      headers: { 'x-api-key': alone.get('policies:write') ?? '' },
      json: policyBody({ distributionType: 'DIRECT' }),
    });
    const path = `/api/v1/admin/coupon-policies/${made.body.couponPolicyId}`;
    const json = { ...policyBody({ distributionType: 'DIRECT', name: 'Renamed' }), version: made.body.version };
    const changed = await on.call('PUT', path, { ...write, json });
    expect([made.status, changed.status, changed.body.name]).toEqual([201, 200, 'Renamed']);

    const issue = { headers: { 'x-api-key': alone.get('coupons:issue') ?? '' } };
    const list = { couponPolicyId: made.body.couponPolicyId, userIds: ['6102'], issuedBy: 'till' };
    const direct = await on.call('POST', '/api/v1/coupons/direct-issue', { ...issue, json: list });
    expect([direct.status, direct.body.successCount]).toEqual([201, 1]);
    const csv = { headers: { ...issue.headers, 'content-type': 'text/csv' }, text: '6103' };
    const job = await on.call('POST', `/api/v1/coupon-policies/${list.couponPolicyId}/direct-issue.csv`, csv);
    const read = await on.call('GET', `/api/v1/jobs/${job.body.jobId}`, asKey(alone.get('policies:read') ?? ''));
    expect([job.status, read.status]).toEqual([202, 200]);

    const use = { headers: { 'x-api-key': alone.get('coupons:use') ?? '' } };
    const withdrawn = await on.call('POST', `/api/v1/coupons/${direct.body.results[0].couponId}/cancel`, use);
    expect([withdrawn.status, withdrawn.body.status]).toEqual([200, 'CANCELLED']);
    const figures = asKey(alone.get('statistics:read') ?? '');
    const ofPolicy = await on.call('GET', `/api/v1/coupon-policies/${list.couponPolicyId}/statistics`, figures);
    const daily = await on.call('GET', '/api/v1/statistics/daily?from=2026-01-01&to=2026-01-02', figures);
    expect([ofPolicy.status, daily.status]).toEqual([200, 200]);

    const catalog = { headers: { 'x-api-key': alone.get('catalog:write') ?? '' } };
    const body = { name: 'Mug', description: 'A mug', price: 1000, stock: 10 };
    const product = await on.call('POST', '/api/v1/products', { ...catalog, json: body });
    const patched = await on.call('PATCH', `/api/v1/products/${product.body.productId}`, {
      ...catalog,
      json: { version: product.body.version, hidden: true },
    });
    expect([product.status, patched.status, patched.body.status]).toEqual([201, 200, 'HIDDEN']);
    const shown = await on.call(
      'GET',
      `/api/v1/products/${product.body.productId}`,
      asKey(alone.get('catalog:read') ?? ''),
    );
    expect(shown.status).toBe(200);
  });

  it('docs/attacks.md 61: a key of an earlier version keeps the scopes that it lists, and gets no more', {
    tags: 'rows',
  }, async () => {
    const secret = await makeKey(['coupons:read']);
    const id = secret.split('_')[2];
    const earlier = ['coupon', 'coupon:issue', 'coupons', 'coupons:*', '*', 'ADMIN', 'coupons:read'];
    await on.query(`update identity.api_keys set scopes = '{${earlier.join(',')}}' where id = ${id}`);
    const policyId = await openPolicy(on);
    const issue = await on.call('POST', '/api/v1/coupons/issue', {
      ...asKey(secret),
      json: { policyId, userId: testUser(6104) },
    });
    const read = await on.call('GET', `/api/v1/coupons/users/${testUser(6104)}`, asKey(secret));
    expect([said(issue), read.status]).toEqual([[403, 'SCOPE_MISSING'], 200]);
  });

  it.each(['en', 'ko'])(
    'a key with an unknown scope is refused, and the message lists the known ones (%s)',
    async (language) => {
      for (const scope of ['coupon:issue', 'Admin', 'coupons:issue ', '*', '']) {
        const refused = await on.call('POST', '/api/v1/auth/api-keys', {
          token: admin(),
          json: { name: 'till', scopes: ['coupons:read', scope] },
          headers: { 'accept-language': language },
        });
        expect([...said(refused), refused.body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', 'scopes.1']);
        for (const known of SCOPES) expect(refused.body.errors[0].message).toContain(known);
      }
    },
  );

  it('docs/attacks.md 34: a machine gets the same refusal for another spelling of an administrative path', async () => {
    const path = '/api/v1/Admin/coupon-policies';
    const [without, issuing, writing] = await Promise.all(
      [withoutScopes, alone.get('coupons:issue') ?? '', alone.get('policies:write') ?? ''].map((secret) =>
        on.call('POST', path, { headers: { 'x-api-key': secret }, json: policyBody() }),
      ),
    );
    expect([without, issuing, writing].map((answer) => answer && said(answer))).toEqual([
      [403, 'SCOPE_MISSING'],
      [403, 'SCOPE_MISSING'],
      [404, 'NOT_FOUND'],
    ]);
  });

  it('docs/attacks.md 62: X-User-Id of an owner or administrator is refused, on every node', {
    tags: 'settings',
  }, async () => {
    const secret = await makeKey(['admin']);
    const policyId = await openPolicy(on);
    const other = await startServer(configOf(on.database.url, { sandbox: true }));
    const signUp = async (role: string): Promise<string> => {
      const json = {
        email: `${role.toLowerCase()}-62@example.com`,
        password: 'correct horse battery',
        name: 'Ada',
        role,
      };
      return (await on.call('POST', '/api/v1/auth/signup', { json })).body.userId;
    };
    const administrator = (await on.call('POST', '/api/v1/auth/login', { json: ADMIN })).body.accessToken;
    const adminId = (await on.call('GET', '/api/v1/auth/profile', { token: administrator })).body.userId;
    const [owner, customer] = [await signUp('OWNER'), await signUp('CUSTOMER')];
    const attempts = async (url: string, userId: string): Promise<readonly unknown[]> => {
      const headers = { 'x-api-key': secret, 'x-user-id': userId };
      const answers = [
        await call(url, 'GET', '/api/v1/auth/profile', { headers }),
        await call(url, 'GET', '/api/v1/products', { headers }),
        await call(url, 'POST', '/api/v1/coupons/issue', { headers, json: { policyId } }),
      ];
      return answers.map(({ status, body }) => body.code ?? status);
    };
    const refused = ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'];
    expect(await attempts(on.url, owner)).toEqual(refused);
    expect(await attempts(on.url, adminId)).toEqual(refused);
    expect(await attempts(other.url, adminId)).toEqual(refused);
    expect(await attempts(on.url, customer)).toEqual([200, 200, 201]);
    await until(async () => (await attempts(other.url, owner)).every((code) => code === 'FORBIDDEN'));
    await other.stop();
  });

  it('docs/attacks.md 62: a machine that names an owner in the body or path is refused, also with the scope', async () => {
    const secret = await makeKey(['admin']);
    const policyId = await openPolicy(on);
    const json = { email: newEmail('named-62'), password: 'correct horse battery', name: 'Ada', role: 'OWNER' };
    const owner: string = (await on.call('POST', '/api/v1/auth/signup', { json })).body.userId;
    const charge = { amount: 1_000 };
    const reserve = { reservationId: 'r-62', couponId: '1', orderAmount: 1_000 };
    const answersFor = (userId: string) => {
      const machine = { headers: { 'x-api-key': secret, 'idempotency-key': `62-${userId}` } };
      return Promise.all([
        on.call('POST', '/api/v1/coupons/issue', { ...machine, json: { policyId, userId } }),
        on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { ...machine, json: { userId } }),
        on.call('POST', '/api/v1/points/charge', { ...machine, json: { ...charge, userId } }),
        on.call('POST', '/api/v1/coupons/reserve', { ...machine, json: { ...reserve, userId } }),
        on.call('GET', `/api/v1/coupons/users/${userId}`, machine),
        on.call('GET', `/api/v1/points/users/${userId}/balance`, machine),
        on.call('GET', `/api/v1/orders?userId=${userId}`, machine),
      ]);
    };
    const refused = await afterChange(
      () => answersFor(owner),
      (answers) => answers.every(({ status }) => status === 403),
    );
    expect(refused.map(said)).toEqual(Array(7).fill([403, 'FORBIDDEN']));
    expect((await answersFor('6201')).filter(({ status }) => status === 403)).toEqual([]);
  });

  it('a start reports the scopes of live keys that are not known', { tags: 'rows' }, async () => {
    const secret = await makeKey(['coupons:read']);
    const id = secret.split('_')[2];
    await on.query(`update identity.api_keys set scopes = '{coupons:read,coupon:issue}' where id = ${id}`);
    const lines: Record<string, unknown>[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => lines.push(JSON.parse(line)) });
    await (await startServer(configOf(on.database.url, { sandbox: true }), { log })).stop();
    const reported = lines.filter(({ prefix }) => prefix === `sk_stampede_${id}`);
    expect(reported.map(({ scopes, level }) => [scopes, level])).toEqual([[['coupon:issue'], 40]]);
    expect(lines.filter(({ scopes }) => Array.isArray(scopes) && scopes.includes('coupons:read'))).toEqual([]);
  });

  it('docs/attacks.md 24: a key is refused from the time at which it expires, also when it was accepted a moment before', {
    tags: 'settings',
  }, async () => {
    let movedMs = 0;
    const presentAt = (databaseMs: number) => databaseMs + movedMs;
    const moved = await startServer(configOf(on.database.url, { sandbox: true }), { presentAt });
    const expiresAt = new Date(on.now() + 3_600_000).toISOString();
    const json = { name: 'till', scopes: ['coupons:read'], expiresAt };
    const made = await on.call('POST', '/api/v1/auth/api-keys', { token: admin(), json });
    expect([made.status, made.body.expiresAt]).toEqual([201, expiresAt]);
    const read = () =>
      call(moved.url, 'GET', '/api/v1/coupons/users/9', { headers: { 'x-api-key': made.body.secret } });
    expect((await read()).status).toBe(200);
    movedMs = 3_500_000;
    expect((await read()).status).toBe(200);
    // The node knows the time to some milliseconds.
    movedMs = 3_601_000;
    expect((await read()).status).toBe(401);
    await moved.stop();
    // A node that never had it in memory.
    const { status } = await on.call('GET', '/api/v1/coupons/users/9', {
      headers: { 'x-api-key': await expiredKey() },
    });
    expect(status).toBe(401);
  });

  it.each(['tomorrow', '2027-01-01', '0000-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 1_800_000_000])(
    'an API key with the expiry %j is refused',
    async (expiresAt) => {
      const json = { name: 'till', expiresAt };
      const refused = await on.call('POST', '/api/v1/auth/api-keys', { token: admin(), json });
      expect([...said(refused), refused.body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', 'expiresAt']);
    },
  );
});

async function expiredKey(): Promise<string> {
  const secret = await makeKey(['coupons:read']);
  // A node knows the time of the database only roughly, and less well on a busy machine.
  await on.query(
    `update identity.api_keys set expires_at = now() - interval '2 seconds' where id = ${secret.split('_')[2]}`,
  );
  return secret;
}
