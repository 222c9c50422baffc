import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_TIMEOUTS } from '../../src/gateway/server/fastify.ts';
import { type Answer, openPolicy, type Stage, stage, testUsers, until } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

const admin = () => on.token(testUser(1), 'ADMIN');
const directPolicy = (changes: Readonly<Record<string, unknown>> = {}) =>
  openPolicy(on, { distributionType: 'DIRECT', maxIssueCount: 100_000, ...changes });
const issueTo = (couponPolicyId: string, userIds: readonly unknown[], token = admin()) =>
  on.call('POST', '/api/v1/coupons/direct-issue', { token, json: { couponPolicyId, userIds, issuedBy: 'jane' } });
const upload = (
  policyId: string,
  text: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  token = admin(),
) =>
  fetch(`${on.url}/api/v1/coupon-policies/${policyId}/direct-issue.csv`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv', ...headers },
    body: text,
  });
const problem = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

async function ended(jobId: string): Promise<Answer['body']> {
  let job: Answer['body'];
  await until(async () => {
    job = (await on.call('GET', `/api/v1/jobs/${jobId}`, { token: admin() })).body;
    return job.status === 'DONE' || job.status === 'FAILED';
  });
  return job;
}

async function rows(text: string): Promise<readonly unknown[]> {
  const found = await on.query(text);
  return found.rows;
}

describe('direct issue', () => {
  it('direct issue decides each user of a list separately and returns their outcomes in order', {
    tags: 'rows',
  }, async () => {
    const id = await directPolicy({ maxIssueCount: 3 });
    const { status, body } = await issueTo(id, [testUser(11), 12, testUser(11), '13', '14']);
    expect([status, body.totalRequested, body.successCount, body.failureCount]).toEqual([201, 5, 3, 2]);
    const [first, , again] = body.results;
    expect(first).toEqual({
      userId: testUser(11),
      couponId: expect.stringMatching(/^\d+$/),
      status: 'ISSUED',
      code: null,
    });
    expect(again).toEqual({ ...first, status: 'REFUSED', code: 'COUPON_ALREADY_ISSUED' });
    expect(body.results.map(({ code }: { code: string }) => code)).toEqual([
      null,
      null,
      'COUPON_ALREADY_ISSUED',
      null,
      'COUPON_SOLD_OUT',
    ]);
    expect(
      await rows(`select kind, changed_by, reason from coupon.coupon_policy_changes where policy_id = ${id}
      and kind = 'DIRECT_ISSUE'`),
    ).toEqual([{ kind: 'DIRECT_ISSUE', changed_by: 'jane', reason: `to 5 users, requested by user ${testUser(1)}` }]);
  });

  it('direct issue accepts 10,000 users in a call, and no more', async () => {
    const id = await directPolicy();
    const users = Array.from({ length: 10_000 }, (_, index) => String(9_000_000_000_000_000_000n + BigInt(index)));
    const { status, body } = await issueTo(id, users);
    expect([status, body.successCount]).toEqual([201, 10_000]);
    expect(new Set(body.results.map(({ couponId }: { couponId: string }) => couponId)).size).toBe(10_000);
    expect((await issueTo(id, [...users, '1'])).status).toBe(400);
    expect((await issueTo(id, [])).status).toBe(400);
    const stock = await on.call('GET', `/api/v1/coupons/policies/${id}/stock`);
    expect(stock.body.remainingStock).toBe(90_000);
  });

  it('direct issue issues only coupons of DIRECT policies, which are issued in no other way', async () => {
    const direct = await directPolicy();
    const own = await on.call('POST', `/api/v1/coupons/policies/${direct}/issue`, { token: on.token(testUser(21)) });
    expect([own.status, own.body.code]).toEqual([400, 'COUPON_NOT_AVAILABLE']);
    const other = await issueTo(await openPolicy(on), [testUser(21)]);
    expect([other.status, other.body.code]).toEqual([400, 'COUPON_NOT_AVAILABLE']);
    const missing = await issueTo('123', [testUser(21)]);
    expect([missing.status, missing.body.code]).toEqual([404, 'POLICY_NOT_FOUND']);
  });

  it('direct issue returns the first result for a repeat with the same key', async () => {
    const id = await directPolicy();
    const options = {
      token: admin(),
      json: { couponPolicyId: id, userIds: ['31'], issuedBy: 'jane' },
      headers: { 'idempotency-key': 'direct-1' },
    };
    const first = await on.call('POST', '/api/v1/coupons/direct-issue', options);
    const second = await on.call('POST', '/api/v1/coupons/direct-issue', options);
    expect([first.status, second.text, second.headers.get('idempotent-replayed')]).toEqual([201, first.text, 'true']);
  });
});

describe('direct issue of a file', () => {
  it('direct issue of a file runs as a job with a status, a stream and a list of failed rows', {
    tags: 'rows',
  }, async () => {
    const id = await directPolicy();
    const users = Array.from({ length: 25_000 }, (_, index) => `${index + 1},some name`);
    users[9] = 'not a user,"x, y"';
    users[24_998] = '1';
    const answer = await upload(id, `\ufeffUser_ID,name\r\n${users.join('\r\n')}\r\n\r\n`);
    const begun = (await answer.json()) as Answer['body'];
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/v1/jobs/${begun.jobId}`]);
    expect(begun).toMatchObject({ kind: 'DIRECT_ISSUE', couponPolicyId: id, status: 'QUEUED', total: 25_000 });

    const stream = await fetch(`${on.url}/api/v1/jobs/${begun.jobId}/events`, {
      headers: { authorization: `Bearer ${admin()}` },
    });
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    // Read to its end: the stream ends with the job.
    const blocks = (await stream.text()).split('\n\n').filter((block) => block.startsWith('event: job'));
    const jobs = blocks.map((block) => JSON.parse(block.slice(block.indexOf('{'))));
    expect(jobs.at(-1)).toMatchObject({ status: 'DONE', total: 25_000, done: 25_000, failed: 2 });
    expect(jobs.map(({ done }) => done)).toEqual(jobs.map(({ done }) => done).sort((a, b) => a - b));

    expect(await ended(begun.jobId)).toEqual(jobs.at(-1));
    const page = await on.call('GET', `/api/v1/jobs/${begun.jobId}/errors?limit=1`, { token: admin() });
    expect(page.body).toMatchObject({
      errors: [{ row: 10, line: 'not a user', code: 'VALIDATION_FAILED' }],
      hasMore: true,
    });
    const cursor = encodeURIComponent(page.body.nextCursor);
    const next = await on.call('GET', `/api/v1/jobs/${begun.jobId}/errors?cursor=${cursor}`, { token: admin() });
    expect(next.body).toEqual({
      errors: [{ row: 24_999, line: '1', code: 'COUPON_ALREADY_ISSUED' }],
      nextCursor: null,
      hasMore: false,
    });
    const csv = await on.call('GET', `/api/v1/jobs/${begun.jobId}/errors.csv`, { token: admin() });
    expect(csv.text).toBe('row,line,code\r\n10,not a user,VALIDATION_FAILED\r\n24999,1,COUPON_ALREADY_ISSUED\r\n');
    // Excel needs the byte order mark, which decoders remove.
    const file = await fetch(`${on.url}/api/v1/jobs/${begun.jobId}/errors.csv`, {
      headers: { authorization: `Bearer ${admin()}` },
    });
    expect(
      Buffer.from(await file.arrayBuffer())
        .subarray(0, 6)
        .toString('hex'),
    ).toBe('efbbbf726f77');
    expect(await rows(`select current_issue_count n from coupon.coupon_policies where id = ${id}`)).toEqual([
      { n: 24_998 },
    ]);
  });

  it('a file for direct issue may be compressed', async () => {
    const id = await directPolicy();
    const answer = await upload(id, Uint8Array.from(gzipSync('1\n2\n3')), { 'content-encoding': 'gzip' });
    const { jobId } = (await answer.json()) as Answer['body'];
    expect(await ended(jobId)).toMatchObject({ status: 'DONE', total: 3, failed: 0 });
  });

  it('direct issue of a file reports text that is no id as the error of its row', async () => {
    const lines = [
      '1',
      '-1',
      '1e3',
      '2"',
      '',
      '=cmd()',
      'a\u0000b',
      'x'.repeat(500),
      '3;4',
      '9'.repeat(30),
      '\ud83d\ude00',
    ];
    const answer = await upload(await directPolicy(), lines.join('\n'));
    const { jobId } = (await answer.json()) as Answer['body'];
    expect(await ended(jobId)).toMatchObject({ status: 'DONE', total: 10, failed: 9 });
    const csv = await on.call('GET', `/api/v1/jobs/${jobId}/errors.csv`, { token: admin() });
    expect(csv.text).toContain(`,'=cmd(),VALIDATION_FAILED`);
    expect(csv.text).toContain(',a\ufffdb,');
    expect(csv.text.match(/VALIDATION_FAILED/g)).toHaveLength(9);
  });

  it('a file that is empty, not CSV to its end, or for a policy of another type is refused and issues nothing', {
    tags: 'rows',
  }, async () => {
    const id = await directPolicy();
    expect(await problem(await upload(id, ''))).toEqual([400, 'VALIDATION_FAILED']);
    expect(await problem(await upload(id, 'userId\n\n'))).toEqual([400, 'VALIDATION_FAILED']);
    expect(await problem(await upload(id, '1\n"2\n3'))).toEqual([400, 'VALIDATION_FAILED']);
    expect(await problem(await upload(id, `1\n${'2'.repeat(20_000)}\n3`))).toEqual([400, 'VALIDATION_FAILED']);
    expect(await problem(await upload(await openPolicy(on), '1'))).toEqual([400, 'COUPON_NOT_AVAILABLE']);
    expect(await problem(await upload('123', '1'))).toEqual([404, 'POLICY_NOT_FOUND']);
    expect(await rows(`select current_issue_count n from coupon.coupon_policies where id = ${id}`)).toEqual([{ n: 0 }]);
    expect(await rows(`select distinct status from coupon.coupon_jobs where policy_id = ${id}`)).toEqual([
      { status: 'OPEN' },
    ]);
  });

  it('direct issue of a file reads the named column, in the encodings and with the delimiters of spreadsheets', {
    tags: 'rows',
  }, async () => {
    const id = await directPolicy();
    const utf16 = Buffer.from('\ufeff번호\t회원 번호\r\n1\t7000000001\r\n', 'utf16le');
    const bigEndian = Buffer.from('\ufeffno\tuserId\r\n1\t7000000002\r\n', 'utf16le').swap16();
    // 번호;회원번호 in CP949.
    const cp949 = Buffer.concat([
      Buffer.from('b9f8c8a33bc8b8bff8b9f8c8a30d0a', 'hex'),
      Buffer.from('1;7000000003\r\n2;7000000004;\r\n;;\r\n'),
    ]);
    for (const [file, total] of [
      [utf16, 1],
      [bigEndian, 1],
      [cp949, 2],
      [Buffer.from('row,line,code\r\n17,7000000005,COUPON_SOLD_OUT\r\n'), 1],
    ] as const) {
      const { jobId } = (await (await upload(id, Uint8Array.from(file))).json()) as Answer['body'];
      expect(await ended(jobId)).toMatchObject({ status: 'DONE', total, failed: 0 });
    }
    expect(await rows(`select user_id from coupon.coupon_issues where policy_id = ${id} order by 1`)).toEqual(
      [1, 2, 3, 4, 5].map((user) => ({ user_id: String(7_000_000_000 + user) })),
    );
    expect(await problem(await upload(id, 'no,name\n1,somebody\n'))).toEqual([400, 'VALIDATION_FAILED']);
  });

  it('a dry run of a file lists the first 100 problems that its job would have, and stores nothing', {
    tags: 'rows',
  }, async () => {
    const id = await directPolicy({ maxIssueCount: 12_000, maxIssuePerUser: 2 });
    await issueTo(id, ['1', '1', '2']);
    // More than a part of a job, so that users come again in another part.
    const users = Array.from({ length: 10_500 }, (_, index) => String(index + 3));
    const again = ['3', '3', '4', '1', '2', '2'];
    const text = [
      'userId',
      '1',
      'no-id',
      ...users,
      ...again,
      ...Array.from({ length: 2_000 }, (_, index) => String(20_000 + index)),
    ].join('\n');
    const state = async () =>
      JSON.stringify(
        [
          await rows(`select count(*), max(sequence_no) from coupon.coupon_issues where policy_id = ${id}`),
          await rows(`select p.* from coupon.coupon_policies p where id = ${id}`),
          await rows(`select count(*) from coupon.coupon_jobs where policy_id = ${id}`),
        ],
        (_, value) => (typeof value === 'bigint' ? String(value) : value),
      );
    const before = await state();
    const dry = await fetch(`${on.url}/api/v1/coupon-policies/${id}/direct-issue.csv?dryRun=true`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${admin()}`,
        'content-type': 'text/csv',
        'idempotency-key': 'dry-then-issue',
      },
      body: text,
    });
    const check = (await dry.json()) as { total: number; failed: number; errors: { row: number }[] };
    expect(await state()).toBe(before);
    expect([dry.status, check.total, check.errors.length]).toEqual([200, 12_508, 100]);
    expect(check.errors.slice(0, 6)).toEqual([
      { row: 1, line: '1', code: 'COUPON_ISSUE_LIMIT_EXCEEDED' },
      { row: 2, line: 'no-id', code: 'VALIDATION_FAILED' },
      { row: 10_504, line: '3', code: 'COUPON_ISSUE_LIMIT_EXCEEDED' },
      { row: 10_506, line: '1', code: 'COUPON_ISSUE_LIMIT_EXCEEDED' },
      { row: 10_508, line: '2', code: 'COUPON_ISSUE_LIMIT_EXCEEDED' },
      { row: 12_003, line: expect.any(String), code: 'COUPON_SOLD_OUT' },
    ]);

    const job = await ended(
      ((await (await upload(id, text, { 'idempotency-key': 'dry-then-issue' })).json()) as { jobId: string }).jobId,
    );
    const errors = await on.call('GET', `/api/v1/jobs/${job.jobId}/errors?limit=100`, { token: admin() });
    expect([job.total, job.failed]).toEqual([check.total, check.failed]);
    expect(check.errors).toEqual(errors.body.errors);
  });

  it('direct issue of a file begins one job for one key', { tags: 'rows' }, async () => {
    const id = await directPolicy();
    const headers = { 'idempotency-key': 'upload-1' };
    const first = await (await upload(id, '1\n2', headers)).text();
    const again = await upload(id, '1\n2', headers);
    expect([again.status, await again.text()]).toEqual([202, first]);
    expect(await problem(await upload(id, '1\n2\n3', headers))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await rows(`select count(*)::int from coupon.coupon_jobs where policy_id = ${id}`)).toEqual([{ count: 1 }]);
  });
});

describe('a stream of a job', () => {
  it('the stream of a job ends when the server stops, also when the job has not ended', {
    tags: 'process',
  }, async () => {
    const leaving = await stage();
    const id = await openPolicy(leaving, { distributionType: 'DIRECT' });
    const headers = { authorization: `Bearer ${leaving.token(testUser(1), 'ADMIN')}` };
    // An empty file leaves a job that never runs.
    await fetch(`${leaving.url}/api/v1/coupon-policies/${id}/direct-issue.csv`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/csv' },
      body: '',
    });
    const [job] = (await leaving.query<{ id: string }>('select id from coupon.coupon_jobs')).rows;
    const stream = await fetch(`${leaving.url}/api/v1/jobs/${job?.id}/events`, { headers });
    expect(stream.status).toBe(200);
    const [text] = await Promise.all([stream.text(), leaving.stop()]);
    expect(text).toContain('"status":"OPEN"');
  });
});

describe('a slow upload', () => {
  it('an upload may exceed the request timeout while it sends data', { tags: 'settings' }, async () => {
    const hurried = await stage({}, { timeouts: { ...DEFAULT_TIMEOUTS, headersMs: 300, requestMs: 600 } });
    try {
      const id = await openPolicy(hurried, { distributionType: 'DIRECT' });
      const url = `${hurried.url}/api/v1/coupon-policies/${id}/direct-issue.csv`;
      const drip = new ReadableStream({
        async start(controller) {
          for (let user = 1; user <= 12; user++) {
            controller.enqueue(new TextEncoder().encode(`${user}\n`));
            await new Promise((resolve) => setTimeout(resolve, 200));
          }
          controller.close();
        },
      });
      const headers = { authorization: `Bearer ${hurried.token(testUser(1), 'ADMIN')}`, 'content-type': 'text/csv' };
      const answer = await fetch(url, { method: 'POST', headers, body: drip, duplex: 'half' } as RequestInit);
      expect([answer.status, ((await answer.json()) as Answer['body']).total]).toEqual([202, 12]);
    } finally {
      await hurried.stop();
    }
  });
});
