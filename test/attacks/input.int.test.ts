import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_TIMEOUTS } from '../../src/gateway/server/fastify.ts';
import { raw, rawRequest } from './raw.ts';
import { openPolicy, policyBody, type Stage, stage, testUsers } from './support.ts';

const PATIENCE = { ...DEFAULT_TIMEOUTS, headersMs: 400, requestMs: 800 };
const MB = 1024 * 1024;
let on: Stage;
const testUser = testUsers();
let policyId: string;
const lines: string[] = [];
beforeAll(async () => {
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  on = await stage({}, { log });
  policyId = await openPolicy(on);
});
afterAll(() => on.stop());

const admin = (): string => on.token(testUser(1), 'ADMIN');
const create = (options: { json?: unknown; text?: string; headers?: Record<string, string> }) =>
  on.call('POST', '/api/v1/coupon-policies', { token: admin(), ...options });
const issuePath = (): string => `/api/v1/coupons/policies/${policyId}/issue`;

/** A problem document that says nothing of the inside. */
function expectProblem(status: number, text: string): { code: string } {
  const body = JSON.parse(text);
  expect(body).toMatchObject({
    status,
    type: expect.stringMatching(/^urn:stampede:problem:/),
    title: expect.any(String),
    detail: expect.any(String),
    instance: expect.any(String),
    code: expect.stringMatching(/^[A-Z_]+$/),
    requestId: expect.any(String),
  });
  expect(text).not.toMatch(/node_modules|\.ts:|\.js:|at \w+ \(|select |insert |relation |\/work\/|\/root\/|Error:/i);
  return body;
}

describe('input', () => {
  it.each([
    "Robert'); drop table coupon.coupon_policies; --",
    '" or 1=1 --',
    "redis.call('flushall')",
    '$\u007bjndi:ldap://127.0.0.1/a}',
    '<script>alert(1)</script>',
    '%s %d %n {name} {{7*7}}',
  ])('docs/attacks.md 38: a name like %j is stored as it is', async (name) => {
    const created = await create({ json: policyBody({ name }) });
    expect([created.status, created.body.name]).toEqual([201, name]);
    const read = await on.call('GET', `/api/v1/coupon-policies/${created.body.couponPolicyId}`);
    expect(read.body.name).toBe(name);
  });

  it.each(['a\r\nX-Injected: 1', 'a\nb', 'a\u0000b', '\ud800', '\u202eevil'])(
    'docs/attacks.md 38: a name like %j is refused',
    async (name) => {
      const answer = await create({ json: policyBody({ name }) });
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'name']);
    },
  );

  it('docs/attacks.md 38: a request with any content is one line in the log and adds no header to its response', {
    tags: 'process',
  }, async () => {
    lines.length = 0;
    const headers = { 'user-agent': 'a "b" {c}', 'x-request-id': 'line\\nbreak {"level":60}', traceparent: '00-x' };
    const answer = await on.call('GET', '/api/v1/coupon-policies?cursor=%0d%0aSet-Cookie:x=1', { headers });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w.:-]+$/);
    // It is written once the response is sent.
    const logged = () => lines.filter((line) => line.includes('"request"'));
    await expect.poll(() => logged().length).toBe(1);
    const [line = ''] = logged();
    expect(JSON.parse(line)).toMatchObject({ route: '/api/v1/coupon-policies', status: 400 });
    expect(line.trimEnd()).not.toContain('\n');
  });

  it('a request id and a traceparent that are well-formed are echoed and logged', { tags: 'process' }, async () => {
    lines.length = 0;
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const answer = await on.call('GET', '/api/v1/coupon-policies', {
      headers: { 'x-request-id': 'mine-1', traceparent },
    });
    expect([answer.headers.get('x-request-id'), answer.headers.get('traceparent')]).toEqual(['mine-1', traceparent]);
    const logged = () => lines.find((line) => line.includes('mine-1')) ?? '{}';
    await expect.poll(() => JSON.parse(logged())).toMatchObject({ requestId: 'mine-1', traceId: 'ab'.repeat(16) });
  });

  it('docs/attacks.md 39: repeated parameters, unknown ones and arrays for scalars get 400', async () => {
    const queries = [
      'limit=1&limit=2',
      'limit[]=1',
      'status=ACTIVE&status=PAUSED',
      'unknown=1',
      'limit=abc',
      'limit=-1',
    ];
    for (const query of queries) {
      const answer = await on.call('GET', `/api/v1/coupon-policies?${query}`);
      expect([query, answer.status, answer.body.code]).toEqual([query, 400, 'VALIDATION_FAILED']);
    }
    expect((await on.call('GET', `/api/v1/coupons/policies/${policyId}/stock?x=1`)).status).toBe(400);
    expect((await on.call('POST', `${issuePath()}?userId=1`, { token: on.token(testUser(391)) })).status).toBe(400);
    for (const json of [{ userId: ['1'] }, { userId: { id: 1 } }, [], 'text', 1, true]) {
      expect((await on.call('POST', issuePath(), { token: on.token(testUser(392)), json })).status).toBe(400);
    }
    const arrays = await create({ json: policyBody({ name: ['a'], discountValue: [1] }) });
    expect(arrays.body.errors.map(({ field }: { field: string }) => field)).toEqual(['name', 'discountValue']);
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/jsonp',
    'application/problem+json',
    'nonsense',
  ])('docs/attacks.md 40: a body of type %s gets 415', async (type) => {
    const headers = { 'content-type': type };
    for (const answer of [
      await create({ text: JSON.stringify(policyBody()), headers }),
      await on.call('POST', issuePath(), { token: on.token(testUser(400)), text: '{}', headers }),
    ]) {
      expect(expectProblem(415, answer.text).code).toBe('UNSUPPORTED_MEDIA_TYPE');
    }
  });

  it('docs/attacks.md 40: JSON in UTF-8 is accepted in every spelling of its type, and an issue needs no body', async () => {
    for (const type of ['application/json', 'application/json;charset=utf-8', 'Application/JSON; charset="UTF-8"']) {
      const created = await create({ text: JSON.stringify(policyBody()), headers: { 'content-type': type } });
      expect([type, created.status]).toEqual([type, 201]);
    }
    const empty = await on.call('POST', issuePath(), {
      token: on.token(testUser(401)),
      headers: { 'content-type': 'application/json' },
    });
    expect(empty.status).toBe(201);
  });

  it('docs/attacks.md 41: a body over 1 MB gets 413, with and without a length', { tags: 'upload' }, async () => {
    const large = JSON.stringify(policyBody({ description: 'x'.repeat(MB) }));
    expect(expectProblem(413, (await create({ text: large })).text).code).toBe('PAYLOAD_TOO_LARGE');
    const token = on.token(testUser(410));
    const chunked = await raw(
      on.url,
      `POST ${issuePath()} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      `${(2 * MB).toString(16)}\r\n${' '.repeat(2 * MB)}\r\n0\r\n\r\n`,
    );
    expect(chunked.split(' ')[1]).toBe('413');
  });

  it('docs/attacks.md 41: deeply nested JSON gets 400', async () => {
    for (const depth of [30, 10_000, 200_000]) {
      const answer = await create({ text: `${'['.repeat(depth)}${']'.repeat(depth)}` });
      expect(expectProblem(400, answer.text).code).toBe('VALIDATION_FAILED');
    }
    const objects = await on.call('POST', issuePath(), {
      token: on.token(testUser(411)),
      text: `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
    });
    expect(objects.status).toBe(400);
  });

  it('docs/attacks.md 41: a compression bomb gets 413 while memory does not grow, and an ordinary gzip body is read', {
    tags: 'process',
  }, async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
    const send = (bytes: Uint8Array<ArrayBuffer>) =>
      fetch(`${on.url}/api/v1/coupon-policies`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${admin()}` },
        body: bytes,
      });
    const honest = await send(new Uint8Array(gzipSync(JSON.stringify(policyBody()))));
    expect(honest.status).toBe(201);
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(300 * MB, 0x20)));
    expect(bomb.length).toBeLessThan(MB);
    const before = process.memoryUsage().rss;
    const answers = await Promise.all([bomb, bomb, bomb, bomb].map(send));
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413, 413]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * MB);
    const other = await create({ text: '{}', headers: { 'content-encoding': 'br' } });
    expect(other.status).toBe(415);
  });

  it('docs/attacks.md 41: malformed JSON gets 400', async () => {
    for (const text of ['{', '{"a":1,}', "{'a':1}", 'NaN', '\u0000', '{"a":1}{"b":2}', '{"a":01}']) {
      expect(expectProblem(400, (await create({ text })).text).code).toBe('VALIDATION_FAILED');
    }
    const bytes = await fetch(`${on.url}/api/v1/coupon-policies`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${admin()}` },
      body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
    });
    expect(bytes.status).toBe(400);
  });

  it.each([
    [
      'both lengths',
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde'],
    ['an obscured encoding', 'Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\nabcd'],
    ['a bare line feed', 'X: a\n\rTransfer-Encoding: chunked\r\n\r\n'],
    ['a negative length', 'Content-Length: -1\r\n\r\n'],
  ])(
    'docs/attacks.md 42: a request with %s gets 400 and a closed connection, and no smuggled request gets a response',
    { tags: 'bytes' },
    async (_, rest) => {
      const answer = await raw(on.url, `POST /api/v1/coupon-policies HTTP/1.1\r\nHost: x\r\n${rest}`);
      expect(answer.match(/HTTP\/1\.1 /g)?.length).toBe(1);
      const [head = '', text = ''] = answer.split('\r\n\r\n');
      expect(head.split(' ')[1]).toBe('400');
      expect(head.toLowerCase()).toContain('connection: close');
      expectProblem(400, text);
    },
  );

  it.each([
    ['DELETE', '/api/v1/coupon-policies', 'GET, POST'],
    ['PUT', '/api/v1/auth/login', 'POST'],
    ['GET', '/api/v1/admin/coupon-policies/1/activate', 'POST'],
    ['PATCH', '/api/v1/coupons/users/1', 'GET'],
    ['POST', '/healthz', 'GET'],
    ['DELETE', '/api/v1/products', 'GET, POST'],
    ['PUT', '/api/v1/products/1', 'GET, PATCH'],
    ['DELETE', '/api/v1/time-sales', 'GET, POST'],
    ['POST', '/api/v1/time-sales/1/stream', 'GET'],
    // Also paths that another method's template matches.
    ['GET', '/api/v1/payments/webhook', 'POST'],
    ['PATCH', '/api/v1/stores/my', 'GET'],
    ['PATCH', '/api/v1/stores/m%79', 'GET'],
  ])('docs/attacks.md 44: the request %s %s gets 405 with Allow', async (method, path, allow) => {
    const answer = await on.call(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(expectProblem(405, answer.text).code).toBe('METHOD_NOT_ALLOWED');
  });

  it('docs/attacks.md 44: a request with an unsupported method, known or invented, is refused', async () => {
    // The first four are known to Node, the others are not.
    for (const method of ['TRACE', 'PROPFIND', 'LOCK', 'QUERY', 'FOO', 'STEAL', 'get']) {
      for (const [path, allow] of [
        ['/api/v1/coupon-policies?status=ACTIVE', 'GET, POST'],
        ['/api/v1/coupons/policies/1/issue', 'POST'],
        ['/api/v1/auth/api-keys/1', 'DELETE, PATCH'],
      ] as const) {
        const { status, head, text } = await rawRequest(on.url, method, path);
        expect([method, status], path).toEqual([method, 405]);
        expect(head).toMatch(new RegExp(`\r\nallow: ${allow.toLowerCase()}\r\n`));
        expect(expectProblem(405, text)).toMatchObject({ code: 'METHOD_NOT_ALLOWED', instance: path.split('?')[0] });
      }
      const { status, text } = await rawRequest(on.url, method, '/nope');
      expect([method, status, expectProblem(404, text).code]).toEqual([method, 404, 'NOT_FOUND']);
    }
  });

  it('docs/attacks.md 44: a request with an unsupported method is refused for its method, whatever its body is', async () => {
    for (const [type, body] of [
      ['text/csv', 'code\r\nA'],
      ['application/xml', '<a/>'],
      ['application/json', '{"broken'],
    ] as const) {
      for (const method of ['PUT', 'QUERY']) {
        const head = `${method} /api/v1/coupon-policies HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n`;
        const answer = await raw(on.url, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
        expect([method, type, answer.split(' ')[1]]).toEqual([method, type, '405']);
      }
    }
  });

  it('the instance of a problem is a URI reference, whatever bytes the path had', { tags: 'bytes' }, async () => {
    for (const [path, instance] of [
      ['/nope/a|b%zz%', '/nope/a%7cb%25zz%25'],
      ['/nope/{é}', '/nope/%7b%c3%a9%7d'],
    ] as const) {
      const answer = await raw(on.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').instance).toBe(instance);
    }
  });

  it('bytes that are no request line are no request with an unknown method', async () => {
    for (const bytes of [
      'FOO\r\n\r\n',
      '\u0016\u0003\u0001 /api/v1/coupon-policies HTTP/1.1\r\n\r\n',
      '/ FOO HTTP/1.1\r\n\r\n',
    ]) {
      const answer = await raw(on.url, bytes);
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
    }
  });

  it.each([
    ['GET', '/nope', 404],
    ['GET', '/api/v1/coupon-policies/123', 404],
    ['GET', '/api/v1/coupon-policies/abc', 400],
    ['GET', '/api/v1/coupon-policies/9223372036854775808', 400],
    ['GET', '/api/v1/coupon-policies/%00', 400],
    ['GET', `/api/v1/coupon-policies/${'1'.repeat(5000)}`, 400],
    ['GET', '/api/v1/coupon-policies/%ff', 400],
    ['GET', '/api/v1/coupons/users/1', 401],
    ['POST', '/api/v1/coupons/issue', 401],
    ['GET', '/api/v1/coupon-policies?limit=%zz', 400],
    ['GET', '/api/v1/products/123', 404],
    ['GET', '/api/v1/products/%00', 400],
    ['GET', '/api/v1/time-sales/123', 404],
    ['GET', '/api/v1/time-sales/123/stream', 404],
    ['POST', '/api/v1/time-sales', 401],
  ])(
    'docs/attacks.md 45: the request %s %s gets a problem document without internals',
    async (method, path, status) => {
      const answer = await rawRequest(on.url, method, path, { 'Content-Length': '0' });
      expect(answer.status).toBe(status);
      expect(answer.head).toContain('content-type: application/problem+json');
      expectProblem(status, answer.text);
    },
  );

  it('docs/attacks.md 45: a problem document is in Korean when the client prefers Korean', async () => {
    const ask = async (language: string) =>
      (await on.call('GET', '/api/v1/coupon-policies/123', { headers: { 'accept-language': language } })).body.title;
    expect(await ask('ko-KR,ko;q=0.9,en;q=0.8')).toBe('쿠폰 정책을 찾을 수 없습니다');
    expect(await ask('en;q=0.9,ko;q=0.8')).toBe('Coupon policy not found');
    expect(await ask('de')).toBe('Coupon policy not found');
    expect(await ask(`ko;q=${'9'.repeat(10_000)}`)).toBe('Coupon policy not found');
    const issued = await on.call('POST', issuePath(), { headers: { 'accept-language': 'ko' } });
    expect(issued.body.title).toBe('인증되지 않았습니다');
  });
});

describe('a slow request', { tags: 'settings' }, () => {
  let hurried: Stage;
  beforeAll(async () => {
    hurried = await stage({}, { timeouts: PATIENCE });
  });
  afterAll(() => hurried.stop());

  it('docs/attacks.md 43: a connection is closed when its headers do not end', async () => {
    const answer = await raw(hurried.url, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    expect(answer.split(' ')[1]).toBe('408');
    expectProblem(408, answer.split('\r\n\r\n')[1] ?? '');
  });

  it('docs/attacks.md 43: a connection is closed when its body does not arrive', async () => {
    const token = hurried.token(testUser(430));
    const head = `POST ${issuePath()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    const answer = await raw(hurried.url, `${head}Content-Length: 100\r\n\r\n{`);
    expect(answer === '' || answer.split(' ')[1] === '408').toBe(true);
  });
});

describe('input of direct issue', () => {
  const MAX = 100 * MB;
  const list = (json: unknown) => on.call('POST', '/api/v1/coupons/direct-issue', { token: admin(), json });
  let direct: string;
  beforeAll(async () => {
    direct = await openPolicy(on, { distributionType: 'DIRECT' });
  });
  const csvPath = (): string => `/api/v1/coupon-policies/${direct}/direct-issue.csv`;

  it.each([[-1], [0], [1.5], [2 ** 53 + 1], ['1e3'], ['01'], [null], [['1']], [{}], ['9223372036854775808']])(
    'docs/attacks.md 7: the user id %j gets 400',
    async (userId) => {
      const { status, body } = await list({ couponPolicyId: direct, userIds: ['1', userId], issuedBy: 'x' });
      expect([status, body.errors?.[0]?.field]).toEqual([400, 'userIds.1']);
    },
  );

  it('docs/attacks.md 8: fields that the server decides get 400', async () => {
    for (const extra of [
      { status: 'USED' },
      { sequenceNo: 1 },
      { couponId: '1' },
      { discountValue: 1 },
      { role: 'ADMIN' },
    ]) {
      const answer = await list({ couponPolicyId: direct, userIds: ['1'], issuedBy: 'x', ...extra });
      expect(expectProblem(400, answer.text).code).toBe('VALIDATION_FAILED');
    }
  });

  it('docs/attacks.md 39: repeated or unknown parameters and scalars for arrays get 400', async () => {
    expect((await list({ couponPolicyId: direct, userIds: '1', issuedBy: 'x' })).status).toBe(400);
    expect((await list({ couponPolicyId: [direct], userIds: ['1'], issuedBy: 'x' })).status).toBe(400);
    const csv = { token: admin(), text: '1', headers: { 'content-type': 'text/csv' } };
    expect((await on.call('POST', `${csvPath()}?x=1`, csv)).status).toBe(400);
    const errors = '/api/v1/jobs/1/errors';
    for (const query of ['limit=1&limit=2', 'limit[]=1', 'cursor=%00', 'row=1']) {
      expect((await on.call('GET', `${errors}?${query}`, { token: admin() })).status, query).toBe(400);
    }
  });

  it.each([
    'application/json',
    'text/plain',
    'text/csv; charset=utf-7',
    'text/csvx',
    'multipart/form-data; boundary=x',
  ])('docs/attacks.md 40: a file of type %s gets 415, and CSV gets 415 on other routes', async (type) => {
    const answer = await on.call('POST', csvPath(), { token: admin(), text: '1', headers: { 'content-type': type } });
    expect(expectProblem(415, answer.text).code).toBe('UNSUPPORTED_MEDIA_TYPE');
    const elsewhere = await create({ text: JSON.stringify(policyBody()), headers: { 'content-type': 'text/csv' } });
    expect(elsewhere.status).toBe(415);
  });

  it('docs/attacks.md 41: a file over 100 MB gets 413, compressed or not, while memory does not grow', {
    tags: 'process',
  }, async () => {
    const bomb = gzipSync(Buffer.alloc(MAX + MB, `${'x'.repeat(9_000)}\n`), { level: 1 });
    const before = process.memoryUsage().rss;
    const packed = { 'content-type': 'text/csv', 'content-encoding': 'gzip', authorization: `Bearer ${admin()}` };
    const answer = await fetch(on.url + csvPath(), { method: 'POST', headers: packed, body: bomb });
    expect(expectProblem(413, await answer.text()).code).toBe('PAYLOAD_TOO_LARGE');
    expect(process.memoryUsage().rss - before).toBeLessThan(MAX);
  });
});
