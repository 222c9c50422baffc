import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shardMap } from '../../src/app/shards/shard-map.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { EPOCH_MS } from '../../src/platform/kernel/ids.ts';
import { codeOf, given } from '../checkout/fixture.ts';
import { earlierShard } from './earlier-shard.ts';
import { ADMIN, type ShardsFixture, shardsFixture } from './fixture.ts';

const page = (limit: number, cursor = '') => ({ limit, cursor });
const WAITING = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

describe('coupons over two databases', () => {
  let on: ShardsFixture;
  beforeAll(async () => {
    on = await shardsFixture();
  });
  afterAll(async () => {
    const violations = await on.violations();
    await on.close();
    expect(violations).toEqual([]);
  });

  test('new policies go to each shard in turn, and their ids and those of their coupons name it', async () => {
    const terms = on.terms();
    const policies = await Promise.all(
      Array.from({ length: 4 }, async () => given((await on.coupon.createPolicy({ principal: ADMIN, terms })).outcome)),
    );
    expect(policies.map(({ id }) => on.shardOf(id)).toSorted()).toEqual([0, 0, 1, 1]);
    for (const { id: policyId } of policies) {
      const shard = on.shardOf(policyId);
      const coupon = given((await on.coupon.issueCoupon({ policyId, userId: on.newUser() })).outcome);
      expect(on.shardOf(coupon.id)).toBe(shard);
      const rows = await on.sql(shard, 'select id from coupon.coupon_issues where id = $1', [coupon.id]);
      expect(rows).toHaveLength(1);
      expect(codeOf(await on.coupon.getPolicy({ policyId }))).toBe('policy');
    }
  });

  test('a policy that is created again with its key is created once, whatever was created meanwhile', async () => {
    for (let time = 0; time < 4; time++) {
      const request = { principal: ADMIN, terms: on.terms(), commandKey: on.newKey() };
      const first = given((await on.coupon.createPolicy(request)).outcome);
      await on.coupon.createPolicy({ principal: ADMIN, terms: on.terms() });
      const repeat = await on.coupon.createPolicy(request);
      expect([given(repeat.outcome).id, repeat.replayed]).toEqual([first.id, true]);
    }
  });

  test('a list of the coupons of a user has those of every shard, the newest first, on pages without gaps', async () => {
    const userId = on.newUser();
    const issued: bigint[] = [];
    for (const shard of [0, 1, 1, 0, 1, 0, 0]) issued.unshift((await on.couponIn(shard, userId)).id);
    for (const limit of [1, 2, 3, 7, 100]) {
      const seen: (bigint | undefined)[] = [];
      let cursor: string | undefined;
      do {
        const list = await on.coupon.listUserCoupons({ userId, page: page(limit, cursor), filters: [] });
        expect(list.coupons.length).toBeLessThanOrEqual(limit);
        seen.push(...list.coupons.map(({ coupon }) => coupon?.id));
        cursor = list.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(issued);
    }
    const statistics = await on.coupon.getUserStatistics({ userId });
    expect([statistics.totalCoupons, statistics.availableCoupons]).toEqual([7, 7]);
  });

  test('coupons that expire soon are listed in the order of their expiry over all shards', async () => {
    const userId = on.newUser();
    const days = [5, 3, 4, 1, 2];
    for (const [index, validDays] of days.entries()) await on.couponIn(index % 2, userId, { validDays });
    const { coupons } = await on.coupon.listExpiringCoupons({ userId, days: 30, limit: 4 });
    const expiries = coupons.map(({ coupon }) => coupon?.expiresAt?.getTime() ?? 0);
    expect(expiries).toHaveLength(4);
    expect(expiries).toEqual(expiries.toSorted((a, b) => a - b));
    const last = Math.max(...expiries) - Math.min(...expiries);
    expect(Math.round(last / (24 * HOUR_MS))).toBe(3);
  });

  test('a list of policies has those of every shard, the newest first', async () => {
    const made: bigint[] = [];
    for (const shard of [1, 0, 0, 1, 1]) made.unshift((await on.policyIn(shard, { distributionType: 'DOWNLOAD' })).id);
    const first = await on.coupon.listPolicies({ page: page(3), distributionType: 'DOWNLOAD' });
    const second = await on.coupon.listPolicies({ page: page(3, first.nextCursor), distributionType: 'DOWNLOAD' });
    expect([...first.policies, ...second.policies].map(({ id }) => id)).toEqual(made);
    expect(second.nextCursor).toBeUndefined();
  });

  test('a code is redeemed in the shard of its policy, and is of one policy over all shards', async () => {
    for (const shard of [0, 1]) {
      const code = `SUMMER-${shard}-2026`;
      const { id: policyId } = await on.policyIn(shard, { distributionType: 'CODE', code });
      const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code: code.toLowerCase() });
      expect(given(redeemed.outcome).coupon?.policyId).toBe(policyId);
      expect((await on.coupon.validateCode({ code })).valid).toBe(true);
      for (const other of [0, 1]) {
        const taken = await on.couponShards[other]?.createPolicy({
          principal: ADMIN,
          terms: { ...on.terms(), distributionType: 'CODE', code },
        });
        expect(codeOf(taken ?? {})).toBe('DUPLICATE_COUPON_CODE');
      }
    }
    expect(codeOf(await on.coupon.redeemCode({ userId: on.newUser(), code: 'NEVER-MADE-2026' }))).toBe(
      'COUPON_CODE_NOT_FOUND',
    );
  });

  test('one of two policies in different shards gets a code that both want at once', async () => {
    for (let time = 0; time < 5; time++) {
      const terms = { ...on.terms(), distributionType: 'CODE', code: `BOTH-WANT-${time}` };
      const made = await Promise.all(on.couponShards.map((shard) => shard.createPolicy({ principal: ADMIN, terms })));
      expect(made.map((response) => codeOf(response)).toSorted()).toEqual(['DUPLICATE_COUPON_CODE', 'policy']);
      const [winner] = made.flatMap(({ outcome }) => (outcome?.$case === 'policy' ? [outcome.value.id] : []));
      const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code: terms.code });
      expect(given(redeemed.outcome).coupon?.policyId).toBe(winner);
    }
  });

  test('the shared code of an ended policy is free for a policy in any shard', async () => {
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 0],
    ] as const) {
      const code = `AGAIN-${from}-${to}`;
      const terms = { ...on.terms(), distributionType: 'CODE', code };
      const first = await on.policyIn(from, terms);
      // The key decides the shard of a policy: one for each.
      const create = async () => {
        for (;;) {
          const commandKey = on.newKey();
          const response = await on.coupon.createPolicy({ principal: ADMIN, terms, commandKey });
          const [policy] = response.outcome?.$case === 'policy' ? [response.outcome.value] : [];
          if (policy === undefined || on.shardOf(policy.id) === to) return response;
          // Not the shard that the test is about: end it, and try again.
          await on.coupon.changePolicyStatus({ principal: ADMIN, policyId: policy.id, transition: 'END' });
        }
      };
      expect(codeOf(await create())).toBe('DUPLICATE_COUPON_CODE');
      await on.coupon.changePolicyStatus({ principal: ADMIN, policyId: first.id, transition: 'END' });
      const second = given((await create()).outcome);
      const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code });
      expect(given(redeemed.outcome).coupon?.policyId).toBe(second.id);
    }
  });

  test('a code whose claim was left behind is free after ten minutes, and not before', async () => {
    await on.directory.claimCodes({
      policyId: (await on.policyIn(1)).id,
      codes: ['CASTAWAY'],
      shown: ['CASTAWAY'],
    });
    const create = () =>
      on.coupon.createPolicy({
        principal: ADMIN,
        terms: { ...on.terms(), distributionType: 'CODE', code: 'CASTAWAY' },
      });
    expect(codeOf(await create())).toBe('DUPLICATE_COUPON_CODE');
    await on.sql(
      0,
      "update coupon.coupon_codes set claimed_at = now() - interval '11 minutes' where shown = 'CASTAWAY'",
    );
    expect(codeOf(await create())).toBe('policy');
  });

  test('a policy changes its code to one that no shard has, and its former code is free later', async () => {
    const [one, other] = [
      await on.policyIn(1, { distributionType: 'CODE', code: 'FORMER-1' }),
      await on.policyIn(0, { distributionType: 'CODE', code: 'OTHER-0' }),
    ];
    const change = (policy: typeof one, code: string) =>
      on.coupon.updatePolicy({
        principal: ADMIN,
        policyId: policy.id,
        version: policy.version,
        terms: policy.terms && { ...policy.terms, code },
        applyToIssued: false,
      });
    expect(codeOf(await change(one, 'OTHER-0'))).toBe('DUPLICATE_COUPON_CODE');
    expect(codeOf(await change(one, 'LATTER-1'))).toBe('policy');
    const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code: 'latter1' });
    expect(given(redeemed.outcome).coupon?.policyId).toBe(one.id);
    expect(codeOf(await change(other, 'FORMER-1'))).toBe('DUPLICATE_COUPON_CODE');
    await on.sql(
      0,
      "update coupon.coupon_codes set claimed_at = now() - interval '11 minutes' where shown = 'FORMER-1'",
    );
    expect(codeOf(await change(other, 'FORMER-1'))).toBe('policy');
  });

  test('an update that is refused leaves the code that it wanted to others', async () => {
    const [one, other] = [
      await on.policyIn(1, { distributionType: 'CODE', code: 'KEEPS-1' }),
      await on.policyIn(0, { distributionType: 'CODE', code: 'WANTS-0' }),
    ];
    const change = (policy: typeof one, version: number, changes: object) =>
      on.coupon.updatePolicy({
        principal: ADMIN,
        policyId: policy.id,
        version,
        terms: policy.terms && { ...policy.terms, ...changes },
        applyToIssued: false,
      });
    const code = 'WANTED';
    expect(codeOf(await change(one, one.version + 1, { code }))).toBe('OPTIMISTIC_LOCK_FAILURE');
    expect(codeOf(await change(one, one.version, { code, discountValue: -1n }))).toBe('VALIDATION_FAILED');
    expect(codeOf(await change(other, other.version, { code }))).toBe('policy');
    const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code });
    expect(given(redeemed.outcome).coupon?.policyId).toBe(other.id);
  });

  test('an update whose version is made by another one while it waits does not take a code that it has not claimed', async () => {
    const [one, other] = [
      await on.policyIn(1, { distributionType: 'CODE', code: 'WAITS-1' }),
      await on.policyIn(0, { distributionType: 'CODE', code: 'CLAIMS-0' }),
    ];
    const client = await on.pool(1).connect();
    try {
      await client.query('begin');
      await client.query('update coupon.coupon_policies set version = version + 1 where id = $1', [one.id]);
      const waiting = on.coupon.updatePolicy({
        principal: ADMIN,
        policyId: one.id,
        version: one.version + 1,
        terms: one.terms && { ...one.terms, code: 'UNCLAIMED' },
        applyToIssued: false,
      });
      await expect.poll(async () => (await on.sql(1, WAITING)).length).toBe(1);
      await client.query('commit');
      expect(codeOf(await waiting)).toBe('OPTIMISTIC_LOCK_FAILURE');
    } finally {
      client.release();
    }
    const changed = await on.coupon.updatePolicy({
      principal: ADMIN,
      policyId: other.id,
      version: other.version,
      terms: other.terms && { ...other.terms, code: 'UNCLAIMED' },
      applyToIssued: false,
    });
    expect(codeOf(changed)).toBe('policy');
    const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code: 'UNCLAIMED' });
    expect(given(redeemed.outcome).coupon?.policyId).toBe(other.id);
  });

  test('imported and generated codes of both shards are redeemed, and a code that another shard has is an error of its row', async () => {
    const policies = await Promise.all(
      [0, 1].map((shard) => on.policyIn(shard, { distributionType: 'CODE', maxIssueCount: 100 })),
    );
    const run = async (policyId: bigint, lines: string[]) => {
      const job = given((await on.coupon.openJob({ principal: ADMIN, kind: 'IMPORT_CODES', policyId })).outcome);
      await on.coupon.appendJobInput({ principal: ADMIN, jobId: job.id, part: 0, lines });
      await on.coupon.submitJob({ principal: ADMIN, jobId: job.id });
      return await done(job.id);
    };
    const done = async (jobId: bigint) => {
      for (;;) {
        const job = given((await on.coupon.getJob({ principal: ADMIN, jobId })).outcome);
        if (job.status === 'DONE' || job.status === 'FAILED') return job;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const [first, second] = policies.map(({ id }) => id);
    const jobs = [
      await run(second ?? 0n, ['IMPORTED-1', 'IMPORTED-2']),
      await run(first ?? 0n, ['IMPORTED-2', 'IMPORTED-3']),
    ];
    expect(jobs.map(({ status, failed }) => [status, failed])).toEqual([
      ['DONE', 0],
      ['DONE', 1],
    ]);
    const errors = await on.coupon.listJobErrors({ principal: ADMIN, jobId: jobs[1]?.id ?? 0n, page: page(10) });
    expect(given(errors.outcome).errors).toEqual([{ row: 1, line: 'IMPORTED-2', code: 'VALIDATION_FAILED' }]);
    for (const [code, policyId] of [
      ['imported-1', second],
      ['IMPORTED2', second],
      ['IMPORTED-3', first],
    ] as const) {
      const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code });
      expect(given(redeemed.outcome).coupon?.policyId).toBe(policyId);
    }
    for (const { id: policyId } of policies) {
      const job = given((await on.coupon.generateCodes({ principal: ADMIN, policyId, count: 50 })).outcome);
      expect((await done(job.id)).status).toBe('DONE');
      const { codes } = given((await on.coupon.listCodes({ principal: ADMIN, policyId, page: page(100) })).outcome);
      const generated = codes.findLast(({ couponId }) => couponId === undefined)?.code ?? '';
      const redeemed = await on.coupon.redeemCode({ userId: on.newUser(), code: generated });
      expect(given(redeemed.outcome).coupon?.policyId).toBe(policyId);
      expect(codeOf(await on.coupon.redeemCode({ userId: on.newUser(), code: generated }))).toBe('COUPON_ALREADY_USED');
    }
  });

  test('a coupon is used at the counter by its code, whichever shard has it, and once', async () => {
    for (const shard of [0, 1]) {
      const userId = on.newUser();
      const { id: couponId } = await on.couponIn(shard, userId);
      const { code } = given((await on.coupon.getRedemptionCode({ couponId, userId })).outcome);
      const request = { principal: ADMIN, redemptionCode: code, orderAmount: 5_000n };
      const used = await Promise.all([on.coupon.useAtCounter(request), on.coupon.useAtCounter(request)]);
      expect(used.map((response) => codeOf(response)).toSorted()).toEqual(['COUPON_ALREADY_USED', 'used']);
    }
    const wrong = { principal: ADMIN, redemptionCode: '0000-0000-0000-00', orderAmount: 1n };
    expect(codeOf(await on.coupon.useAtCounter(wrong))).toBe('COUPON_CODE_NOT_FOUND');
  });

  test('a quote compares coupons and codes of every shard, the best first', async () => {
    const userId = on.newUser();
    const coupons = [];
    for (const [index, discountValue] of [500n, 3_000n, 2_000n, 4_000n].entries())
      coupons.push((await on.couponIn(index % 2, userId, { discountValue })).id);
    await on.policyIn(1, { distributionType: 'CODE', code: 'QUOTED-1', discountValue: 2_500n });
    const request = { userId, lines: [{ amount: 10_000n }], allUsable: false, couponIds: [], codes: [] };
    const read = async (changes: Partial<typeof request> | { couponIds: bigint[]; codes: string[] }) => {
      const { quotes, hasMore } = given((await on.coupon.quoteCoupons({ ...request, ...changes })).outcome);
      expect(hasMore).toBe(false);
      return quotes.map(({ couponId, code, outcome }) => [
        couponId ?? code,
        outcome?.$case === 'discountAmount' ? outcome.value : codeOf({ outcome }),
      ]);
    };
    expect(await read({ allUsable: true })).toEqual([
      [coupons[3], 4_000n],
      [coupons[1], 3_000n],
      [coupons[2], 2_000n],
      [coupons[0], 500n],
    ]);
    expect(await read({ couponIds: [coupons[0] ?? 0n, coupons[3] ?? 0n], codes: ['quoted-1', 'nothing'] })).toEqual([
      [coupons[3], 4_000n],
      ['quoted-1', 2_500n],
      [coupons[0], 500n],
      ['nothing', 'COUPON_CODE_NOT_FOUND'],
    ]);
    expect(codeOf(await on.coupon.quoteCoupons({ ...request, lines: [] }))).toBe('VALIDATION_FAILED');
  });

  test('the shards of ids and users are the same in SQL as in the program', async () => {
    const sinceMs = Date.UTC(2026, 5, 1);
    const maps = [
      on.maps.coupon,
      shardMap(
        [
          { sinceMs, shards: 2 },
          { sinceMs: sinceMs * 2 - EPOCH_MS, shards: 5 },
        ],
        512,
      ),
    ];
    const ids = fc.sample(fc.bigInt(0n, 2n ** 63n - 1n), 500).concat(
      // Around the first era, of every node.
      Array.from(
        { length: 1024 },
        (_, node) => (BigInt(sinceMs - EPOCH_MS + (node % 3) - 1) << 22n) | BigInt(node << 12),
      ),
    );
    for (const map of maps) {
      const rows = await on.sql<{ id: bigint; byId: number; byUser: string }>(
        0,
        `select id, ${map.sqlOfId('id')} as "byId", ${map.sqlOfUser('id')} as "byUser" from unnest($1::bigint[]) as id`,
        [ids],
      );
      expect(rows.length).toBe(ids.length);
      for (const { id, byId, byUser } of rows)
        expect([id, Number(byId), Number(byUser)]).toEqual([id, map.shardOfId(id), map.shardOfUser(id)]);
    }
  });

  describe('reservations from outside', () => {
    const orderAmount = 10_000n;
    const reserve = (userId: bigint, couponId: bigint, reservationId: string, orderId?: string, origin = 'CUSTOMER') =>
      on.coupon.reserveCoupon({ reservationId, userId, couponId, orderAmount, orderId, origin, lines: [] });

    test('a reservation is found, confirmed and released by the id that its caller chose, in either shard', async () => {
      for (const shard of [0, 1]) {
        const userId = on.newUser();
        const { id: couponId } = await on.couponIn(shard, userId);
        const named = { reservationId: `cart-${shard}`, userId, origin: 'CUSTOMER' };
        expect(codeOf(await reserve(userId, couponId, named.reservationId))).toBe('reserved');
        expect(given((await on.coupon.getReservation(named)).outcome).couponId).toBe(couponId);
        expect(codeOf(await on.coupon.extendReservation(named))).toBe('reserved');
        // A machine that names the user finds what the customer reserved.
        const confirmed = await on.coupon.confirmReservation({ ...named, origin: 'SERVICE' });
        expect(given(confirmed.outcome).reservation?.status).toBe('CONFIRMED');
        expect(codeOf(await on.coupon.releaseReservation(named))).toBe('COUPON_ALREADY_USED');
      }
      const missing = { reservationId: 'no cart', userId: on.newUser(), origin: 'CUSTOMER' };
      expect(codeOf(await on.coupon.releaseReservation(missing))).toBe('RESERVATION_NOT_FOUND');
    });

    test('a machine that names no user finds its reservation in either shard, and a conflict of several users', async () => {
      const users = [on.newUser(), on.newUser(), on.newUser()];
      for (const [index, userId] of users.entries()) {
        const { id } = await on.couponIn(index % 2, userId);
        const reservationId = index < 2 ? 'of two users' : 'of one user';
        expect(codeOf(await reserve(userId, id, reservationId, undefined, 'SERVICE'))).toBe('reserved');
      }
      const release = (reservationId: string) => on.coupon.releaseReservation({ reservationId, origin: 'SERVICE' });
      expect(codeOf(await on.coupon.getReservation({ reservationId: 'of two users' }))).toBe('RESERVATION_CONFLICT');
      expect(codeOf(await release('of two users'))).toBe('RESERVATION_CONFLICT');
      expect(codeOf(await release('of one user'))).toBe('reserved');
    });

    test('an id of a reservation is used once over all shards, also by requests at the same time', async () => {
      for (let time = 0; time < 5; time++) {
        const userId = on.newUser();
        const coupons = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
        const responses = await Promise.all(coupons.map(({ id }) => reserve(userId, id, `same ${time}`)));
        expect(responses.map((response) => codeOf(response)).toSorted()).toEqual(['RESERVATION_CONFLICT', 'reserved']);
      }
    });

    test('an order gets one coupon over all shards, also by requests at the same time', async () => {
      for (let time = 0; time < 5; time++) {
        const userId = on.newUser();
        const coupons = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
        const orderId = `order ${time}`;
        const responses = await Promise.all(
          coupons.map(({ id }, index) => reserve(userId, id, `cart ${index}`, orderId)),
        );
        expect(responses.map((response) => codeOf(response)).toSorted()).toEqual(['COUPON_NOT_STACKABLE', 'reserved']);
      }
    });

    test('an order that was used directly with a coupon gets none of another shard', async () => {
      const userId = on.newUser();
      const coupons = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
      const use = (index: number) =>
        on.coupon.useCoupon({ couponId: coupons[index]?.id ?? 0n, userId, orderId: 'used', orderAmount, lines: [] });
      expect([codeOf(await use(0)), codeOf(await use(0)), codeOf(await use(1))]).toEqual([
        'coupon',
        'coupon',
        'COUPON_NOT_STACKABLE',
      ]);
      expect(codeOf(await reserve(userId, coupons[1]?.id ?? 0n, 'late', 'used'))).toBe('COUPON_NOT_STACKABLE');
    });

    test('an order and an id are free again after a refusal, and the order after a release or the end of the reservation', async () => {
      const userId = on.newUser();
      const dear = await on.couponIn(0, userId, { minimumOrderAmount: 1_000_000n });
      const [first, second, third] = [
        await on.couponIn(0, userId),
        await on.couponIn(1, userId),
        await on.couponIn(0, userId),
      ];
      expect(codeOf(await reserve(userId, dear.id, 'a', 'o'))).toBe('MINIMUM_ORDER_NOT_MET');
      expect(codeOf(await reserve(userId, second.id, 'a', 'o'))).toBe('reserved');
      await on.coupon.releaseReservation({ reservationId: 'a', userId, origin: 'CUSTOMER' });
      expect(codeOf(await reserve(userId, first.id, 'b', 'o'))).toBe('reserved');
      expect(codeOf(await reserve(userId, second.id, 'c', 'o'))).toBe('COUPON_NOT_STACKABLE');
      on.later(11 * MINUTE_MS);
      expect(codeOf(await reserve(userId, second.id, 'c', 'o'))).toBe('reserved');
      // The payment of the first comes late: its order has another coupon now.
      expect(codeOf(await on.coupon.confirmReservation({ reservationId: 'b', userId, origin: 'CUSTOMER' }))).toBe(
        'RESERVATION_CONFLICT',
      );
      expect(codeOf(await reserve(userId, third.id, 'd', 'o'))).toBe('COUPON_NOT_STACKABLE');
    });

    test('a repeat with its key returns the first response, although its order has a coupon of another shard since', async () => {
      const userId = on.newUser();
      const [first, second] = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
      const commandKey = on.newKey();
      const again = (changes: object = {}) =>
        on.coupon.reserveCoupon({
          reservationId: 'keyed',
          userId,
          couponId: first.id,
          orderAmount,
          orderId: 'keyed',
          origin: 'CUSTOMER',
          lines: [],
          commandKey,
          ...changes,
        });
      const response = await again();
      await on.coupon.releaseReservation({ reservationId: 'keyed', userId, origin: 'CUSTOMER' });
      expect(codeOf(await reserve(userId, second.id, 'other', 'keyed'))).toBe('reserved');
      expect(await again()).toEqual({ ...response, replayed: true });
      expect(codeOf(await again({ commandKey: on.newKey() }))).toBe('COUPON_NOT_STACKABLE');
      expect(codeOf(await again({ commandKey: { ...commandKey, requestHash: new Uint8Array(32).fill(1) } }))).toBe(
        'IDEMPOTENCY_KEY_REUSED',
      );
    });

    test('a repeat of a direct use with its key returns the first response, although its order has a coupon of another shard since', async () => {
      const userId = on.newUser();
      const [first, second] = [await on.couponIn(1, userId), await on.couponIn(0, userId)];
      const request = { couponId: first.id, userId, orderId: 'used again', orderAmount, lines: [] };
      const keyed = { ...request, commandKey: on.newKey() };
      const response = await on.coupon.useCoupon(keyed);
      expect(codeOf(response)).toBe('coupon');
      const holder = { holder: `USE:${first.id}`, userId, orderId: 'used again' };
      await on.directory.freeOrder({ holder });
      expect(codeOf(await reserve(userId, second.id, 'takes over', 'used again'))).toBe('reserved');
      expect(await on.coupon.useCoupon(keyed)).toEqual({ ...response, replayed: true });
      expect(codeOf(await on.coupon.useCoupon(request))).toBe('COUPON_NOT_STACKABLE');
    });

    test.each([
      ['this version', []],
      ['a version that looks no keys up', ['replayReservation', 'replayUse'] as const],
    ])(
      'a request with a new key reserves and uses nothing in a shard of %s when its order has a coupon of another shard',
      async (_, missing) => {
        const userId = on.newUser();
        const [first, second] = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
        const orderId = `new keys ${missing.length}`;
        expect(codeOf(await reserve(userId, first.id, orderId, orderId))).toBe('reserved');
        const shards = await Promise.all(on.couponShards.map((shard) => earlierShard(shard, missing)));
        try {
          const gateway = on.otherGateway(shards.map(({ api }) => api));
          const request = { userId, couponId: second.id, orderAmount, orderId, lines: [] };
          const reserving = { ...request, reservationId: `${orderId} again`, origin: 'CUSTOMER' };
          expect([
            codeOf(await gateway.reserveCoupon({ ...reserving, commandKey: on.newKey() })),
            codeOf(await gateway.useCoupon({ ...request, commandKey: on.newKey() })),
          ]).toEqual(['COUPON_NOT_STACKABLE', 'COUPON_NOT_STACKABLE']);
        } finally {
          for (const shard of shards) await shard.close();
        }
        const left = await on.sql(1, 'select status from coupon.coupon_reservations where user_id = $1', [userId]);
        expect(left).toEqual([]);
      },
    );

    test('an order whose reservation may still be on its way is not given to another shard', async () => {
      const userId = on.newUser();
      const [first, second] = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
      const holder = { holder: `CUSTOMER:${userId}:lost`, userId, orderId: 'lost' };
      await on.directory.claimNames({ holder, shard: 0 });
      expect(codeOf(await reserve(userId, second.id, 'other', 'lost'))).toBe('COUPON_NOT_STACKABLE');
      expect(codeOf(await reserve(userId, first.id, 'lost', 'lost'))).toBe('reserved');
    });

    test('what shard 0 reserved before there were others holds its id and its order', async () => {
      const userId = on.newUser();
      const [first, second] = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
      const request = {
        reservationId: 'early',
        userId,
        couponId: first.id,
        orderAmount,
        orderId: 'early',
        origin: 'CUSTOMER',
        lines: [],
      };
      expect(codeOf((await on.couponShards[0]?.reserveCoupon(request)) ?? {})).toBe('reserved');
      expect(codeOf(await reserve(userId, second.id, 'early'))).toBe('RESERVATION_CONFLICT');
      expect(codeOf(await reserve(userId, second.id, 'late', 'early'))).toBe('COUPON_NOT_STACKABLE');
      const named = { reservationId: 'early', userId, origin: 'CUSTOMER' };
      expect(codeOf(await on.coupon.releaseReservation(named))).toBe('reserved');
    });

    test.each([false, true])(
      'an order whose reservation ended before there were other shards gets one coupon (the end is stored: %s)',
      async (isStored) => {
        const userId = on.newUser();
        const [first, second] = [await on.couponIn(0, userId), await on.couponIn(1, userId)];
        const [reservationId, orderId] = [`ended-${isStored}`, `ended-${isStored}`];
        const request = {
          reservationId,
          userId,
          couponId: first.id,
          orderAmount,
          orderId,
          origin: 'CUSTOMER',
          lines: [],
        };
        expect(codeOf((await on.couponShards[0]?.reserveCoupon(request)) ?? {})).toBe('reserved');
        on.later(11 * MINUTE_MS);
        if (isStored) await on.runCouponJob(0, 'coupon.end-reservations');
        expect(codeOf(await reserve(userId, second.id, `late-${isStored}`, orderId))).toBe('reserved');
        // Its payment comes late.
        const late = await on.coupon.confirmReservation({ reservationId, userId, origin: 'CUSTOMER' });
        expect(codeOf(late)).toBe('RESERVATION_CONFLICT');
      },
    );
  });
});
