import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSERT_OUTBOX, outboxValues } from '../../src/platform/events/outbox.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { openPolicy, type Stage, stage, testUsers, until } from './support.ts';

let on: Stage;
const testUser = testUsers();
let users = 0;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

const admin = () => on.token(testUser(1), 'ADMIN');
const service = () => on.token(testUser(999_999), 'SERVICE', 'coupons:use coupons:read');
const newUser = () => testUser(users++);

async function issue(policyId: string, userId: string): Promise<string> {
  const answer = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) });
  if (answer.status !== 201) throw new Error(`not issued: ${answer.text}`);
  return answer.body.couponId;
}

/** A user with a coupon of a policy of their own. */
async function holder(changes: Readonly<Record<string, unknown>> = {}) {
  const userId = newUser();
  const policyId = await openPolicy(on, changes);
  return { userId, policyId, couponId: await issue(policyId, userId) };
}

const reserve = (userId: string, json: Readonly<Record<string, unknown>>, path = 'reserve') =>
  on.call('POST', `/api/v1/coupons/${path}`, { token: on.token(userId), json: { orderAmount: 10_000, ...json } });
const release = (userId: string, reservationId: string) =>
  on.call('DELETE', `/api/v1/coupons/apply/${reservationId}`, { token: on.token(userId) });
const confirm = (userId: string, reservationId: string) =>
  on.call('POST', `/api/v1/coupons/reservations/${reservationId}/confirm?userId=${userId}`, { token: service() });
const use = (userId: string, couponId: string, json = {}) =>
  on.call('POST', `/api/v1/coupons/${couponId}/use`, { token: on.token(userId), json });
const cancel = (couponId: string, json = {}, token = admin()) =>
  on.call('POST', `/api/v1/coupons/${couponId}/cancel`, { token, json });

/** Finds sessions that wait for a lock. */
const WAITING = `
  select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

async function statusOf(userId: string, couponId: string): Promise<string> {
  const { body } = await on.call('GET', `/api/v1/coupons/users/${userId}?limit=100`, { token: on.token(userId) });
  return body.coupons.find((coupon: { couponId: string }) => coupon.couponId === couponId)?.status;
}

const said = ({ status, body }: { status: number; body: { code?: string } | undefined }): string =>
  [status, body?.code].join(' ').trim();

describe('using coupons under attack', () => {
  it('docs/attacks.md 2: of two concurrent orders one gets the coupon', async () => {
    for (let round = 0; round < 5; round++) {
      const { userId, couponId } = await holder();
      const answers = await Promise.all(
        ['a', 'b'].map((order) => reserve(userId, { reservationId: `${couponId}${order}`, couponId, orderId: order })),
      );
      expect(answers.map(said).sort()).toEqual(['200', '409 RESERVATION_CONFLICT']);
    }
  });

  it('docs/attacks.md 2: an order gets one of two coupons that it requests concurrently', async () => {
    const { userId, couponId } = await holder();
    const other = await issue(await openPolicy(on), userId);
    const answers = await Promise.all(
      [couponId, other].map((id) => reserve(userId, { reservationId: `stack-${id}`, couponId: id, orderId: 'one' })),
    );
    expect(answers.map(said).sort()).toEqual(['200', '422 COUPON_NOT_STACKABLE']);
  });

  it('docs/attacks.md 3: concurrent confirmation, release and expiry of a reservation reach one final state', async () => {
    for (let round = 0; round < 6; round++) {
      const { userId, couponId } = await holder();
      await reserve(userId, { reservationId: `race-${couponId}`, couponId });
      await on.advance(10 * MINUTE_MS);
      const [confirmed, released, again] = await Promise.all([
        confirm(userId, `race-${couponId}`),
        release(userId, `race-${couponId}`),
        // Ends the overdue reservation, if it comes first.
        reserve(userId, { reservationId: `next-${couponId}`, couponId }),
      ]);
      const state = await statusOf(userId, couponId);
      if (confirmed.status === 200) {
        expect([state, said(released)]).toEqual(['USED', expect.stringMatching(/^(204|409 COUPON_ALREADY_USED)$/)]);
        expect(again.status).not.toBe(200);
      } else {
        expect(['ISSUED', 'RESERVED']).toContain(state);
        expect(state === 'RESERVED').toBe(again.status === 200);
      }
    }
  });

  it('docs/attacks.md 6: a discount is never above the amount of its order', async () => {
    for (const changes of [
      { discountValue: 9_000_000 },
      { discountType: 'PERCENTAGE', discountValue: 100 },
      { discountType: 'PERCENTAGE', discountValue: 33.33, maxDiscountAmount: 2 },
    ]) {
      for (const orderAmount of [4, 7, Number.MAX_SAFE_INTEGER]) {
        const { userId, couponId } = await holder(changes);
        const { body } = await reserve(userId, { reservationId: `d-${couponId}`, couponId, orderAmount }, 'apply');
        // Of a third of 1 nothing is left.
        if (body.code === 'COUPON_NOT_APPLICABLE' && orderAmount === 1) continue;
        expect(body.discountAmount).toBeLessThanOrEqual(orderAmount);
        expect(body.discountAmount).toBeGreaterThan(0);
      }
    }
  });

  it.each(['-1', '0', '1.5', '9007199254740993', '1e309', '"1"', 'null'])(
    'docs/attacks.md 7: an order of %s is refused and reserves nothing',
    async (amount) => {
      const { userId, couponId } = await holder();
      const text = `{"reservationId":"q-${couponId}","couponId":"${couponId}","orderAmount":${amount}}`;
      const answer = await on.call('POST', '/api/v1/coupons/reserve', { token: on.token(userId), text });
      expect(said(answer)).toBe('400 VALIDATION_FAILED');
      expect(await statusOf(userId, couponId)).toBe('ISSUED');
    },
  );

  it.each(['discountAmount', 'discount', 'status', 'total', 'expiresAt', 'reservedAt'])(
    'docs/attacks.md 8: a client that sends %s with a reservation is refused',
    async (field) => {
      const { userId, couponId } = await holder();
      const answer = await reserve(userId, { reservationId: `f-${couponId}`, couponId, [field]: 1 });
      expect(said(answer)).toBe('400 VALIDATION_FAILED');
    },
  );

  it('docs/attacks.md 11: a coupon that was not reserved, or was released, cannot be confirmed', async () => {
    const { userId, couponId } = await holder();
    expect(said(await confirm('1', 'nobody-reserved-this'))).toBe('409 RESERVATION_CONFLICT');
    await reserve(userId, { reservationId: `c-${couponId}`, couponId });
    expect([said(await release(userId, `c-${couponId}`)), said(await release(userId, `c-${couponId}`))]).toEqual([
      '204',
      '204',
    ]);
    expect(said(await confirm(userId, `c-${couponId}`))).toBe('409 RESERVATION_CONFLICT');
    expect(await statusOf(userId, couponId)).toBe('ISSUED');
  });

  it('docs/attacks.md 12: a user who reserves everything and never pays holds at most twenty, until they expire', async () => {
    const userId = newUser();
    const coupons: string[] = [];
    for (let count = 0; count < 25; count++) coupons.push(await issue(await openPolicy(on), userId));
    const hold = (name: string) =>
      Promise.all(coupons.map((couponId) => reserve(userId, { reservationId: `${name}-${couponId}`, couponId })));
    const first = (await hold('first')).map(said);
    expect(first.filter((each) => each === '200')).toHaveLength(20);
    expect(new Set(first)).toEqual(new Set(['200', '409 RESERVATION_CONFLICT']));
    await on.advance(10 * MINUTE_MS);
    const second = (await hold('second')).map(said);
    expect(second.filter((each) => each === '200')).toHaveLength(20);
  });

  it('docs/attacks.md 13: cancelling does not return a used coupon', async () => {
    const { userId, couponId, policyId } = await holder();
    expect(said(await use(userId, couponId, { orderId: 'o1' }))).toBe('200');
    expect(said(await cancel(couponId, { returnStock: true }))).toBe('409 COUPON_ALREADY_USED');
    expect(said(await cancel(couponId, { returnStock: true }, on.token(userId)))).toBe('403 FORBIDDEN');
    const again = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) });
    expect(said(again)).toBe('409 COUPON_ALREADY_ISSUED');
    expect(said(await use(userId, couponId, { orderId: 'o1' }))).toBe('200');
    expect(said(await use(userId, couponId, { orderId: 'o2' }))).toBe('409 COUPON_ALREADY_USED');
  });

  it('docs/attacks.md 13: a coupon withdrawn with its stock can be issued to another user, also on a node that remembers it as sold out', async () => {
    const { userId, couponId, policyId } = await holder({ maxIssueCount: 1 });
    const other = newUser();
    const ask = () => on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(other) });
    expect(said(await ask())).toBe('410 COUPON_SOLD_OUT');
    expect(said(await cancel(couponId, { returnStock: true, reason: 'by mistake' }))).toBe('200');
    await on.advance(2_000);
    expect((await ask()).status).toBe(201);
    expect(said(await use(userId, couponId))).toBe('400 COUPON_NOT_AVAILABLE');
  });

  it('docs/attacks.md 32: a request for the coupons and reservations of another user gets 404', async () => {
    const { userId, couponId } = await holder();
    await reserve(userId, { reservationId: `mine-${couponId}`, couponId });
    const stranger = newUser();
    const unlike = async (theirs: Promise<{ body: object }>, missing: Promise<{ body: object }>) => {
      const [a, b] = await Promise.all([theirs, missing]);
      const plain = (body: object) => ({ ...body, instance: '', requestId: '' });
      expect(plain(a.body)).toEqual(plain(b.body));
      return a.body;
    };
    expect(await unlike(use(stranger, couponId), use(stranger, '7'))).toMatchObject({ code: 'COUPON_NOT_FOUND' });
    expect(await unlike(release(stranger, `mine-${couponId}`), release(stranger, 'nobody'))).toMatchObject({
      code: 'RESERVATION_NOT_FOUND',
    });
    const theirs = reserve(stranger, { reservationId: `x-${couponId}`, couponId });
    expect(await unlike(theirs, reserve(stranger, { reservationId: 'y', couponId: '7' }))).toMatchObject({
      code: 'COUPON_NOT_FOUND',
    });
    expect(said(await reserve(stranger, { reservationId: 'z', couponId, userId }))).toBe('403 FORBIDDEN');
    for (const path of ['expiring', 'statistics']) {
      const { status } = await on.call('GET', `/api/v1/coupons/users/${userId}/${path}`, { token: on.token(stranger) });
      expect([path, status]).toEqual([path, 404]);
    }
  });

  it('docs/attacks.md 33: a customer cannot confirm, extend, restore or withdraw', async () => {
    const { userId, couponId } = await holder();
    await reserve(userId, { reservationId: `r-${couponId}`, couponId });
    const token = on.token(userId);
    for (const path of [
      `reservations/r-${couponId}/confirm`,
      `reservations/r-${couponId}/extend`,
      `${couponId}/cancel`,
    ]) {
      expect(said(await on.call('POST', `/api/v1/coupons/${path}`, { token }))).toBe('403 FORBIDDEN');
    }
    const json = { orderId: 'o' };
    expect(said(await on.call('POST', `/api/coupons/${couponId}/restore`, { token, json }))).toBe('403 FORBIDDEN');
    const owner = on.token(testUser(999), 'OWNER');
    expect(said(await cancel(couponId, {}, owner))).toBe('403 FORBIDDEN');
    expect(await statusOf(userId, couponId)).toBe('RESERVED');
  });
});

describe('a repeat with a key gets the first response', () => {
  it('a repeat with a key gets the first response after the reservation has ended otherwise', async () => {
    const { userId, couponId } = await holder();
    const headers = { 'idempotency-key': `key ${couponId}` };
    const ask = () =>
      on.call('POST', '/api/coupons/reserve', {
        token: on.token(userId),
        headers,
        json: { reservationId: `k-${couponId}`, couponId, orderAmount: 5_000 },
      });
    const first = await ask();
    await release(userId, `k-${couponId}`);
    const second = await ask();
    expect([second.status, second.text, second.headers.get('idempotent-replayed')]).toEqual([200, first.text, 'true']);
  });

  it('a repeat with a key gets the first response when that has no body', async () => {
    const { userId, couponId } = await holder();
    await reserve(userId, { reservationId: `e-${couponId}`, couponId });
    const free = () =>
      on.call('DELETE', `/api/v1/coupons/apply/e-${couponId}`, {
        token: on.token(userId),
        headers: { 'idempotency-key': `release ${couponId}` },
      });
    const [first, second] = [await free(), await free()];
    expect([first.status, first.text, second.status, second.text]).toEqual([204, '', 204, '']);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });
});

describe('payment events', { tags: 'rows' }, () => {
  let client: pg.Client;
  let rowId = 1n;
  beforeAll(async () => {
    client = new pg.Client({ connectionString: on.database.url });
    await client.connect();
  });
  afterAll(() => client.end());

  /** Publishes payments like an order system: from the outbox, each `times` times in its own row. */
  async function publish(
    topic: string,
    payments: readonly Readonly<Record<string, string>>[],
    times = 1,
  ): Promise<void> {
    const columns = [
      'paymentId',
      'orderId',
      'userId',
      'reservationId',
      ...(topic.includes('failed') ? ['reason'] : ['amount', 'completedAt']),
    ];
    const rows = payments.map((payment) => [
      `pay ${payment['orderId']}`,
      payment['orderId'],
      payment['userId'],
      payment['reservationId'],
      ...(topic.includes('failed') ? ['declined'] : ['10000', new Date(on.now()).toISOString()]),
    ]);
    const batch = { topic, source: 'payment', keyField: 'orderId', common: {}, columns, rows };
    for (let time = 0; time < times; time++) await client.query(INSERT_OUTBOX, outboxValues(rowId++, [batch]));
  }
  const published = () =>
    until(async () => (await client.query('select 1 from platform.outbox limit 1')).rowCount === 0);
  const steps = async (couponId: string): Promise<string[]> =>
    (
      await client.query('select kind from coupon.coupon_history where coupon_id = $1 order by version', [couponId])
    ).rows.map(({ kind }) => kind);

  it('docs/attacks.md 4: the events of one payment, ten times and out of order, have one effect', async () => {
    const { userId, couponId } = await holder();
    const payment = { orderId: `p${couponId}`, userId, reservationId: `p${couponId}` };
    await reserve(userId, { reservationId: payment.reservationId, couponId, orderId: payment.orderId });
    await publish('payment.completed.v1', [payment, payment], 5);
    await publish('payment.failed.v1', [payment], 2);
    await published();
    expect(await steps(couponId)).toEqual(['RESERVED', 'USED']);
    expect(await statusOf(userId, couponId)).toBe('USED');
  });

  it('docs/attacks.md 4: a failure that overtakes a success releases the coupon, and one refund is requested', async () => {
    const { userId, couponId } = await holder();
    const payment = { orderId: `q${couponId}`, userId, reservationId: `q${couponId}` };
    await reserve(userId, { reservationId: payment.reservationId, couponId, orderId: payment.orderId });
    await publish('payment.failed.v1', [payment]);
    await published();
    await publish('payment.completed.v1', [payment], 3);
    await published();
    expect(await steps(couponId)).toEqual(['RESERVED', 'RELEASED']);
    const { rows } = await client.query('select confirmation_failed from coupon.coupon_reservations where id = $1', [
      `CUSTOMER:${userId}:${payment.reservationId}`,
    ]);
    expect(rows).toEqual([{ confirmation_failed: true }]);
  });
});

it('a policy that is suspended while the lock of a coupon is awaited refuses the reservation and the use', {
  tags: 'rows',
}, async () => {
  const holding = new pg.Client({ connectionString: on.database.url });
  // Of its own: within a transaction the list of sessions stays as it was first read.
  const watching = new pg.Client({ connectionString: on.database.url });
  await Promise.all([holding.connect(), watching.connect()]);
  try {
    for (const change of [
      (userId: string, couponId: string) => reserve(userId, { reservationId: `w${couponId}`, couponId }),
      (userId: string, couponId: string) => use(userId, couponId, { orderAmount: 10_000 }),
    ]) {
      const { userId, policyId, couponId } = await holder();
      await holding.query('begin');
      await holding.query('select 1 from coupon.coupon_issues where id = $1 for no key update', [couponId]);
      const changing = change(userId, couponId);
      await until(async () => (await watching.query(WAITING)).rowCount !== 0);
      const path = `/api/v1/admin/coupon-policies/${policyId}/suspend`;
      expect((await on.call('POST', path, { token: admin(), json: { reason: 'wrong' } })).status).toBe(200);
      await holding.query('commit');
      expect(said(await changing)).toBe('409 POLICY_SUSPENDED');
    }
  } finally {
    await Promise.all([holding.end(), watching.end()]);
  }
});
