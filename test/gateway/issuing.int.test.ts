// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, policyBody, type Stage, stage } from '../attacks/support.ts';

/** Half a second before midnight in Seoul, and the day before summer time begins in New York. */
const START_MS = Date.parse('2026-03-07T14:59:59.500Z');
const SECOND_MS = 1_000;
let nowMs = START_MS;
let on: Stage;
beforeAll(async () => {
  on = await stage({}, { presentAt: () => nowMs });
});
afterAll(() => on.stop());

const at = (offsetMs: number) => new Date(START_MS + offsetMs).toISOString();
const open = (changes: Readonly<Record<string, unknown>>) =>
  openPolicy(on, { distributionType: 'DOWNLOAD', validFrom: at(-1), validUntil: at(10 ** 9), ...changes });
const issue = (policyId: string, userId: string) =>
  on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) });

describe.each(['DOWNLOAD', 'FIRST_COME'])('issuing %s', (distributionType) => {
  it('a user gets at most maxIssuePerUser coupons by concurrent requests', async () => {
    const id = await open({ distributionType, maxIssuePerUser: 3, maxIssueCount: 100 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => issue(id, '71')));
    const issued = answers.filter(({ status }) => status === 201);
    expect(new Set(issued.map(({ body }) => body.couponId)).size).toBe(3);
    const first = issued.find(({ body }) => body.sequenceNo === 1)?.body.couponId;
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect([status, body.code, body.limit, body.couponId]).toEqual([429, 'COUPON_ISSUE_LIMIT_EXCEEDED', 3, first]);
    }
    const other = await issue(id, '72');
    expect([other.status, other.body.sequenceNo]).toEqual([201, 4]);
    const held = await on.call('GET', '/api/v1/coupons/users/71', { token: on.token('71') });
    expect(held.body.coupons.filter((coupon: { couponPolicyId: string }) => coupon.couponPolicyId === id)).toHaveLength(
      3,
    );
  });
});

it('a policy that has issued coupons cannot be changed to fewer than those', async () => {
  const terms = { distributionType: 'DOWNLOAD', validFrom: at(-1), validUntil: at(10 ** 9), maxIssueCount: 3 };
  const id = await openPolicy(on, terms);
  for (const userId of ['75', '76']) expect((await issue(id, userId)).status).toBe(201);
  const token = on.token('1', 'ADMIN');
  const { version } = (await on.call('GET', `/api/v1/coupon-policies/${id}`, { token })).body;
  const change = (maxIssueCount: number) => ({ ...policyBody({ ...terms, maxIssueCount }), version });
  const put = (json: unknown) => on.call('PUT', `/api/v1/admin/coupon-policies/${id}`, { token, json });
  const refused = await put(change(1));
  expect([refused.status, refused.body.code, refused.body.currentIssuedCount]).toEqual([
    409,
    'CONCURRENT_MODIFICATION',
    2,
  ]);
  expect((await put(change(2))).status).toBe(200);
});

describe('a coupon', () => {
  const expiries = async (changes: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
    const id = await open(changes);
    nowMs = START_MS;
    const before = await issue(id, '81');
    nowMs = START_MS + SECOND_MS;
    const after = await issue(id, '82');
    nowMs = START_MS;
    expect([before.status, after.status]).toEqual([201, 201]);
    return [before.body.expiresAt, after.body.expiresAt];
  };

  it('a coupon is valid for calendar days of the policy’s time zone, counted from the day of its issue', async () => {
    expect(await expiries({ validDays: 7, timezone: 'Asia/Seoul' })).toEqual([
      '2026-03-14T15:00:00.000Z',
      '2026-03-15T15:00:00.000Z',
    ]);
    // One day more begins at the same instant in UTC; and New York loses an hour of it.
    expect(await expiries({ validDays: 1, timezone: 'UTC' })).toEqual([
      '2026-03-09T00:00:00.000Z',
      '2026-03-09T00:00:00.000Z',
    ]);
    expect(await expiries({ validDays: 1, timezone: 'America/New_York' })).toEqual([
      '2026-03-09T04:00:00.000Z',
      '2026-03-09T04:00:00.000Z',
    ]);
  });

  it('a coupon of a policy with a fixed date is valid until that instant', async () => {
    const expireAt = at(10 ** 9 + 1);
    expect(await expiries({ validDays: undefined, expireAt })).toEqual([expireAt, expireAt]);
  });

  it('a coupon is issued from the first moment of the window to the last, by the server’s clock', async () => {
    const id = await open({ validFrom: at(200), validUntil: at(700) });
    const codes: string[] = [];
    for (const [index, offsetMs] of [199, 200, 699, 700].entries()) {
      nowMs = START_MS + offsetMs;
      const { status, body } = await issue(id, `9${index}`);
      codes.push(status === 201 ? 'issued' : body.code);
    }
    nowMs = START_MS;
    expect(codes).toEqual(['POLICY_NOT_STARTED', 'issued', 'issued', 'POLICY_ENDED']);
  });
});
