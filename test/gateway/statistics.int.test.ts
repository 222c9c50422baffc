import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { openPolicy, type Stage, stage, testUsers, until } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeEach(async () => {
  on = await stage();
});
afterEach(() => on.stop());

const admin = () => on.token(testUser(1), 'ADMIN');
const machine = () => on.token('2', 'SERVICE', 'coupons:use');

async function ask(method: string, path: string, token: string, json?: unknown) {
  const answer = await on.call(method, `/api/v1${path}`, { token, ...(json === undefined ? {} : { json }) });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  return answer.body;
}
const statisticsOf = (policyId: string) => ask('GET', `/coupon-policies/${policyId}/statistics`, admin());

/** Issues 12 coupons and uses, releases, cancels and reserves some, restores none. */
async function trade(policyId: string): Promise<void> {
  const coupons: string[] = [];
  for (let user = 101; user <= 112; user++) {
    const issued = await ask('POST', `/coupons/policies/${policyId}/issue`, on.token(testUser(user)));
    coupons.push(issued.couponId);
  }
  const reserve = (place: number) =>
    ask('POST', '/coupons/reserve', on.token(testUser(101 + place)), {
      reservationId: `r${place}`,
      couponId: coupons[place],
      userId: testUser(101 + place),
      orderAmount: 10_000,
      orderId: `o${place}`,
    });
  for (const place of [0, 1, 2, 3, 4]) await reserve(place);
  for (const place of [0, 1]) {
    await ask('POST', `/coupons/reservations/r${place}/confirm?userId=${testUser(101 + place)}`, machine(), {});
  }
  await ask('DELETE', '/coupons/apply/r2', on.token(testUser(103)));
  await ask('POST', `/coupons/${coupons[5]}/use`, on.token(testUser(106)), {});
  await ask('POST', `/coupons/${coupons[6]}/cancel`, admin(), { returnStock: true });
}

const TRADED = {
  issued: 12,
  reserved: 5,
  used: 3,
  released: 1,
  cancelled: 1,
  expired: 0,
  restored: 0,
  discountGiven: 9_000,
};

async function statisticsAudit() {
  const { audits } = await runAudits(on.database.url, {});
  return audits.find(({ context }) => context === 'statistics');
}

describe('statistics', () => {
  it('statistics count the events of coupons from the relay until they equal a recount', { tags: 'rows' }, async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 100, discountValue: 3_000 });
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' });
    const [from, to] = [today.format(Date.now() - 86_400_000), today.format(Date.now() + 86_400_000)];
    const daily = () => ask('GET', `/statistics/daily?from=${from}&to=${to}&policyId=${policyId}`, admin());
    await trade(policyId);
    await until(async () => {
      const { days } = await daily();
      const sum = (name: keyof typeof TRADED) => days.reduce((all: number, day: typeof TRADED) => all + day[name], 0);
      return Object.entries(TRADED).every(([name, count]) => sum(name as keyof typeof TRADED) === count);
    });

    const found = await statisticsOf(policyId);
    expect(found).toMatchObject({
      couponPolicyId: policyId,
      issued: 12,
      reserved: 2,
      used: 3,
      expired: 0,
      cancelled: 1,
      remaining: 89,
      usageRate: 25,
      discountGiven: 9_000,
    });
    const summed = (list: (typeof TRADED)[]) =>
      Object.fromEntries(
        Object.keys(TRADED).map((name) => [
          name,
          list.reduce((sum, each) => sum + each[name as keyof typeof TRADED], 0),
        ]),
      );
    expect([summed(found.byDay), summed(found.byHour)]).toEqual([TRADED, TRADED]);
    const { days } = await daily();
    expect(summed(days.flatMap(({ byHour }: { byHour: (typeof TRADED)[] }) => byHour))).toEqual(TRADED);
    expect(await statisticsAudit()).toMatchObject({ ok: true, figures: { facts: 22, behind: 0 } });
  });

  it('statistics of an hour that is over equal the coupons although events were lost', { tags: 'rows' }, async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 100, discountValue: 3_000 });
    await trade(policyId);
    await until(async () => (await statisticsOf(policyId)).cancelled === 1);
    await on.query('update statistics.hourly set issued = 3, discount_amount = 1');
    expect((await statisticsOf(policyId)).issued).toBeLessThan(12);
    await on.advance(3 * 3_600_000);
    await on.runJobs();
    expect(await statisticsOf(policyId)).toMatchObject({ issued: 12, used: 3, discountGiven: 9_000 });
  });

  it('statistics are listed by day and policy, in pages', { tags: 'alone' }, async () => {
    const policies = [];
    for (const name of ['a', 'b', 'c']) policies.push(await openPolicy(on, { name }));
    for (const [index, policyId] of policies.entries()) {
      for (let user = 0; user <= index; user++) {
        await ask('POST', `/coupons/policies/${policyId}/issue`, on.token(String(200 + user)));
      }
    }
    const [from, to] = [Date.now() - 2 * 86_400_000, Date.now() + 2 * 86_400_000].map((at) =>
      new Date(at).toISOString().slice(0, 10),
    );
    const list = (query: string) => ask('GET', `/statistics/daily?from=${from}&to=${to}${query}`, admin());
    const issuedOf = (page: { days: { issued: number }[] }) => page.days.reduce((sum, { issued }) => sum + issued, 0);
    await until(async () => issuedOf(await list('')) === 6);
    const whole = await list('');
    const paged = [];
    let cursor = '';
    for (;;) {
      const page = await list(`&limit=1${cursor}`);
      paged.push(...page.days);
      if (!page.hasMore) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(paged).toEqual(whole.days);
    expect(new Set(paged.map(({ couponPolicyId }) => couponPolicyId))).toEqual(new Set(policies));
    expect((await list('&storeId=99')).days).toEqual([]);
    expect((await list('&cursor=bm90IG91cnM')).days).toEqual([]);
  });
});
