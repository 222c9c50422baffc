import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, openPolicy, type Stage, stage, until } from '../attacks/support.ts';

let on: Stage;
let admin: string;
beforeAll(async () => {
  on = await stage();
  admin = on.token('1', 'ADMIN');
});
afterAll(() => on.stop());

const codePolicy = (changes: Readonly<Record<string, unknown>> = {}) =>
  openPolicy(on, { distributionType: 'CODE', maxIssueCount: null, ...changes });
const below = (policyId: string, tail: string, base = '/api/v1') => `${base}/coupon-policies/${policyId}/${tail}`;
const download = (userId: string, couponCode: string, base = '/api/v1') =>
  on.call('POST', `${base}/coupons/download`, { token: on.token(userId), json: { couponCode } });
const upload = (policyId: string, text: string) =>
  on.call('POST', below(policyId, 'codes.csv'), { token: admin, text, headers: { 'content-type': 'text/csv' } });

async function ended(begun: Answer): Promise<Answer> {
  expect([begun.status, begun.headers.get('location')]).toEqual([202, `/api/v1/jobs/${begun.body.jobId}`]);
  for (;;) {
    const job = await on.call('GET', begun.headers.get('location') ?? '', { token: admin });
    if (job.body.status === 'DONE' || job.body.status === 'FAILED') return job;
    await sleep(20);
  }
}

async function generated(policyId: string, json: Readonly<Record<string, unknown>>): Promise<string[]> {
  const begun = await on.call('POST', below(policyId, 'codes'), { token: admin, json });
  expect((await ended(begun)).body).toMatchObject({ kind: 'GENERATE_CODES', status: 'DONE', done: json['count'] });
  return (await exported(policyId)).map(([code = '']) => code);
}

async function exported(policyId: string, base?: string): Promise<string[][]> {
  const answer = await on.call('GET', below(policyId, 'codes.csv', base), { token: admin });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
  const [header, ...rows] = answer.text.trimEnd().split('\r\n');
  expect(header).toBe('code,status,userId,redeemedAt');
  return rows.map((row) => row.split(','));
}

describe('unique codes over HTTP', () => {
  it('are made by a job, exported in pages, and redeemed as they are typed', async () => {
    const policyId = await codePolicy();
    const codes = await generated(policyId, { count: 12_345, prefix: 'VIP-' });
    expect(new Set(codes).size).toBe(12_345);
    const [first = '', second = ''] = codes;
    const redeemed = await download('71', first.toLowerCase().replaceAll('-', ' '));
    expect([redeemed.status, redeemed.body]).toEqual([
      201,
      {
        couponId: expect.stringMatching(/^\d+$/),
        couponName: 'Opening day',
        discountType: 'FIXED_AMOUNT',
        discountValue: 3000,
        status: 'ISSUED',
        expiryDate: expect.any(String),
        issuedAt: expect.any(String),
      },
    ]);
    const rows = await exported(policyId, '/api');
    expect(rows).toHaveLength(12_345);
    expect(rows[0]).toEqual([first, 'REDEEMED', '71', redeemed.body.issuedAt]);
    expect(rows[1]).toEqual([second, 'FREE', '', '']);
    const mine = await on.call('GET', '/api/v1/coupons/users/71', { token: on.token('71') });
    expect(mine.body.coupons).toMatchObject([{ couponId: redeemed.body.couponId, couponCode: expect.any(String) }]);
  });

  it('unique codes issue one coupon each to the first of thirty concurrent users', async () => {
    const policyId = await codePolicy();
    const [code = ''] = await generated(policyId, { count: 3 });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, user) => download(String(1_000 + user), code)));
    const winners = answers.filter(({ status }) => status === 201);
    expect(winners).toHaveLength(1);
    const lost = answers.filter(({ status }) => status !== 201);
    expect(lost.map(({ status, body }) => [status, body.code])).toEqual(Array(29).fill([409, 'COUPON_ALREADY_USED']));
    const redeemed = (await exported(policyId)).filter(([, status]) => status === 'REDEEMED');
    const winner = String(1_000 + answers.findIndex(({ status }) => status === 201));
    expect(redeemed).toEqual([[code, 'REDEEMED', winner, winners[0]?.body.issuedAt]]);
    const again = await download(winner, code);
    expect([again.status, again.body.code, again.body.couponId]).toEqual([
      409,
      'COUPON_ALREADY_ISSUED',
      winners[0]?.body.couponId,
    ]);
  });

  it('are valid until they are redeemed', async () => {
    const policyId = await codePolicy();
    const [code = ''] = await generated(policyId, { count: 1 });
    const valid = async () => (await on.call('GET', `/api/coupons/validate/${code}`)).body.valid;
    expect(await valid()).toBe(true);
    await download('72', code, '/api');
    expect(await valid()).toBe(false);
  });

  it('a pattern with too few symbols is refused with the required number', async () => {
    const policyId = await codePolicy();
    const short = await on.call('POST', below(policyId, 'codes'), {
      token: admin,
      json: { count: 1, pattern: '####-####' },
    });
    expect([short.status, short.body.code, short.body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', 'pattern']);
    expect(short.body.errors[0].message).toContain('takes 14');
    for (const json of [
      { count: 0 },
      { count: 1_000_001 },
      { count: 1.5 },
      { count: '5' },
      {},
      { count: 1, charset: 'AAB' },
    ]) {
      const answer = await on.call('POST', below(policyId, 'codes'), { token: admin, json });
      expect([json, answer.status]).toEqual([json, 400]);
    }
  });

  it('are for CODE policies only', async () => {
    const policyId = await openPolicy(on);
    const made = await on.call('POST', below(policyId, 'codes'), { token: admin, json: { count: 1 } });
    expect([made.status, made.body.code]).toEqual([400, 'COUPON_NOT_AVAILABLE']);
    const file = await on.call('GET', below(policyId, 'codes.csv'), { token: admin });
    expect([file.status, file.headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect((await upload(policyId, 'code\nABC\n')).status).toBe(400);
    expect((await on.call('GET', below('999', 'codes.csv'), { token: admin })).status).toBe(404);
  });

  it('are taken over from a file, and said of each line why not', async () => {
    const policyId = await codePolicy();
    await codePolicy({ code: 'SHARED-77' });
    const begun = await upload(policyId, 'Code,note\r\nCARD-1,x\r\n-CARD 2,\r\ncard1,\r\n=CMD(),\r\nshared77,\r\n');
    const job = await ended(begun);
    expect(job.body).toMatchObject({ kind: 'IMPORT_CODES', status: 'DONE', total: 5, failed: 3 });
    const errors = await on.call('GET', `/api/v1/jobs/${job.body.jobId}/errors`, { token: admin });
    expect(errors.body.errors.map(({ row, code }: { row: number; code: string }) => [row, code])).toEqual([
      [3, 'DUPLICATE_COUPON_CODE'],
      [4, 'VALIDATION_FAILED'],
      [5, 'DUPLICATE_COUPON_CODE'],
    ]);
    // A spreadsheet would calculate what begins with a minus.
    expect((await exported(policyId)).map(([code]) => code)).toEqual(['CARD-1', "'-CARD 2"]);
    expect((await download('73', 'card 1')).status).toBe(201);
    expect((await download('74', '-CARD 2')).status).toBe(201);
  });
});

describe('a shared code over HTTP', () => {
  it('gives exactly as many coupons as there are, one to a user', async () => {
    const policyId = await codePolicy({ code: 'FIRST-40', maxIssueCount: 40 });
    const twice = Array.from({ length: 240 }, (_, index) => download(String(2_000 + (index % 120)), 'first40'));
    const codes = (await Promise.all(twice)).map(({ status, body }) => body.code ?? status);
    expect(codes.filter((code) => code === 201)).toHaveLength(40);
    expect(codes.filter((code) => code === 'COUPON_SOLD_OUT' || code === 'COUPON_ALREADY_ISSUED')).toHaveLength(200);
    const after = await on.call('GET', `/api/v1/coupon-policies/${policyId}`, { token: admin });
    expect(after.body).toMatchObject({ currentIssueCount: 40, status: 'EXHAUSTED' });
    // What a node remembers of a shared code is at most a second old.
    await until(async () => !(await on.call('GET', '/api/v1/coupons/validate/first40')).body.valid);
  });

  it('is another one as soon as the policy says so', async () => {
    const policyId = await codePolicy({ code: 'BEFORE-1' });
    expect((await download('75', 'BEFORE-1')).status).toBe(201);
    const { body } = await on.call('GET', `/api/v1/coupon-policies/${policyId}`, { token: admin });
    const {
      couponPolicyId: _id,
      status: _status,
      currentIssueCount: _count,
      createdAt: _at,
      updatedAt: _then,
      ...terms
    } = body;
    const changed = await on.call('PUT', `/api/v1/admin/coupon-policies/${policyId}`, {
      token: admin,
      json: { ...terms, code: 'AFTER-1' },
    });
    expect(changed.status).toBe(200);
    expect((await download('76', 'BEFORE-1')).status).toBe(404);
    expect((await download('76', 'AFTER-1')).status).toBe(201);
    const taken = await on.call('POST', '/api/v1/coupon-policies', {
      token: admin,
      json: { ...terms, version: undefined, code: 'AFTER_1' },
    });
    expect([taken.status, taken.body.code]).toEqual([409, 'DUPLICATE_COUPON_CODE']);
  });

  it('the result is repeated for a repeat with the same key', async () => {
    await codePolicy({ code: 'KEYED-1' });
    const ask = () =>
      on.call('POST', '/api/v1/coupons/download', {
        token: on.token('77'),
        json: { couponCode: 'KEYED-1' },
        headers: { 'idempotency-key': 'once' },
      });
    const [first, again] = [await ask(), await ask()];
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    expect(again.text).toBe(first.text);
  });
});
