import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, policyBody, type Stage, stage, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

const issue = (policyId: string, userId: string) =>
  on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) });

describe('races', () => {
  it('docs/attacks.md 1: thirty parallel issues by one user give one 201, and 29 times 409 with the same coupon', async () => {
    const policyId = await openPolicy(on);
    const answers = await Promise.all(Array.from({ length: 30 }, () => issue(policyId, testUser(101))));
    const first = answers.filter(({ status }) => status === 201);
    const others = answers.filter(({ status }) => status === 409);
    expect([first.length, others.length]).toEqual([1, 29]);
    const coupons = new Set(answers.map(({ body }) => `${body.couponId} ${body.sequenceNo}`));
    expect([...coupons]).toEqual([`${first[0]?.body.couponId} 1`]);
    expect(new Set(others.map(({ body }) => body.code))).toEqual(new Set(['COUPON_ALREADY_ISSUED']));
  });

  it('docs/attacks.md 1: more concurrent users than coupons get exactly the available coupons', async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 10 });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, user) => issue(policyId, String(2000 + user))));
    const issued = answers.filter(({ status }) => status === 201).map(({ body }) => body.sequenceNo);
    expect(issued.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['410 COUPON_SOLD_OUT']),
    );
  });

  it.each(['-1', '0', '1.5', '9007199254740993', '1e309', '"1"', 'null', '2147483648', 'true', '[]'])(
    'docs/attacks.md 7: a quantity of %s is refused and changes nothing',
    async (quantity) => {
      const policyId = await openPolicy(on);
      const admin = on.token(testUser(1), 'ADMIN');
      const text = `{"newMaxIssueCount":${quantity},"modifiedBy":"x","reason":"y"}`;
      const path = `/api/v1/coupon-policies/${policyId}/remaining-quantity`;
      const answer = await on.call('PATCH', path, { token: admin, text });
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
      const after = await on.call('GET', `/api/v1/coupon-policies/${policyId}`);
      expect(after.body.maxIssueCount).toBe(100);
    },
  );

  it.each([-1, 0, 1.5, 2 ** 53 + 2, '1', null, true, [], {}])(
    'docs/attacks.md 7: a discount of %j is refused',
    async (discountValue) => {
      const json = policyBody({ discountValue });
      const answer = await on.call('POST', '/api/v1/coupon-policies', { token: on.token(testUser(1), 'ADMIN'), json });
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
      expect(answer.body.errors[0].field).toBe('discountValue');
    },
  );

  it.each([-0.5, 0, 100.01, 12.345, 1e-7, 101])(
    'docs/attacks.md 7: a percentage of %j is refused',
    async (discountValue) => {
      const json = policyBody({ discountType: 'PERCENTAGE', discountValue });
      const answer = await on.call('POST', '/api/v1/coupon-policies', { token: on.token(testUser(1), 'ADMIN'), json });
      expect(answer.status).toBe(400);
    },
  );

  it.each([12.5, 100, 0.01, 0.29, 99.99])('a percentage of %j is stored exactly', async (discountValue) => {
    const json = policyBody({ discountType: 'PERCENTAGE', discountValue });
    const answer = await on.call('POST', '/api/v1/coupon-policies', { token: on.token(testUser(1), 'ADMIN'), json });
    expect([answer.status, answer.body.discountValue]).toEqual([201, discountValue]);
  });

  it.each(['price', 'total', 'discount', 'status', 'role', 'balance', 'sequenceNo', 'couponId', 'issuedAt'])(
    'docs/attacks.md 8: a client that sends %s with an issue is refused',
    async (field) => {
      const policyId = await openPolicy(on);
      const token = on.token(testUser(102));
      const path = `/api/v1/coupons/policies/${policyId}/issue`;
      const answer = await on.call('POST', path, { token, json: { [field]: 1 } });
      expect([answer.status, answer.body.errors]).toEqual([
        400,
        [{ field, code: 'UNRECOGNIZED_KEYS', message: 'is not known' }],
      ]);
      const held = await on.call('GET', `/api/v1/coupons/policies/${policyId}/issued`, { token });
      expect(held.body).toBe(false);
    },
  );

  it.each(['status', 'currentIssueCount', 'version', 'createdBy', 'id'])(
    'docs/attacks.md 8: a new policy with %s from the client is refused',
    async (field) => {
      const json = policyBody({ [field]: 'ACTIVE' });
      const answer = await on.call('POST', '/api/v1/coupon-policies', { token: on.token(testUser(1), 'ADMIN'), json });
      expect(answer.status).toBe(400);
    },
  );

  it('docs/attacks.md 8: an issue for another user gets 403 for a customer, and is made for an administrator', async () => {
    const policyId = await openPolicy(on);
    const path = `/api/v1/coupons/policies/${policyId}/issue`;
    const refused = await on.call('POST', path, { token: on.token(testUser(103)), json: { userId: testUser(104) } });
    expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN']);
    const granted = await on.call('POST', path, {
      token: on.token(testUser(1), 'ADMIN'),
      json: { userId: testUser(104) },
    });
    expect([granted.status, granted.body.userId]).toEqual([201, testUser(104)]);
  });

  it('docs/attacks.md 10: nothing is issued before the start and after the end, whatever time the client states', async () => {
    const hour = 3_600_000;
    const at = (ms: number): string => new Date(on.now() + ms).toISOString();
    const early = await openPolicy(on, { validFrom: at(hour), validUntil: at(2 * hour) });
    const late = await openPolicyEndingNow();
    const headers = { date: new Date(on.now() + hour).toUTCString() };
    const tooEarly = await on.call('POST', `/api/v1/coupons/policies/${early}/issue`, {
      token: on.token(testUser(105)),
      headers,
    });
    const tooLate = await on.call('POST', `/api/v1/coupons/policies/${late}/issue`, { token: on.token(testUser(105)) });
    expect([tooEarly.status, tooEarly.body.code]).toEqual([400, 'POLICY_NOT_STARTED']);
    expect([tooLate.status, tooLate.body.code]).toEqual([410, 'POLICY_ENDED']);
  });

  async function openPolicyEndingNow(): Promise<string> {
    // A busy machine may open it only after it has ended: the next one lasts longer.
    for (let lastsMs = 700; ; lastsMs *= 4) {
      const end = on.now() + lastsMs;
      const policyId = await openPolicy(on, { validUntil: new Date(end).toISOString() }).catch((error: Error) => {
        if (!error.message.includes('POLICY_ENDED') || lastsMs > 30_000) throw error;
      });
      if (policyId === undefined) continue;
      while (on.now() < end) await new Promise((resolve) => setTimeout(resolve, end - on.now() + 1));
      return policyId;
    }
  }
});
