import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numberOfKey } from '../../src/app/shards/key-numbers.ts';
import { whileKeyClaimed } from '../../src/app/shards/while-key-claimed.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { codeOf, given } from '../checkout/fixture.ts';
import { ADMIN, type ShardsFixture, shardsFixture } from './fixture.ts';

const SHARDS = [0, 1] as const;
const CLAIMED = { issued: 'coupon', reused: 'IDEMPOTENCY_KEY_REUSED' } as const;

describe('an idempotency key over two shards', () => {
  let on: ShardsFixture;
  beforeAll(async () => {
    on = await shardsFixture();
  });
  afterAll(async () => {
    const violations = await on.violations();
    await on.close();
    expect(violations).toEqual([]);
  });

  const hashOf = (shard: number) => new Uint8Array(32).fill(shard + 1);
  /** A key that is claimed in this shard. */
  function keyIn(home: number): { readonly scope: string; readonly key: string } {
    for (;;) {
      const named = { scope: 'test', key: randomUUID() };
      if (numberOfKey(named) % SHARDS.length === home) return named;
    }
  }
  /** A user, a policy in each shard, and one key for both of them. */
  async function twoPolicies(home: number) {
    const userId = on.newUser();
    const policies = [(await on.policyIn(0)).id, (await on.policyIn(1)).id];
    const named = keyIn(home);
    const issueIn = async (shard: number, api = on.coupon): Promise<string> => {
      const commandKey = { ...named, requestHash: hashOf(shard) };
      return codeOf(await api.issueCoupon({ policyId: policies[shard] ?? 0n, userId, commandKey }));
    };
    const coupons = async (): Promise<number> =>
      (await on.coupon.listUserCoupons({ userId, page: { limit: 10, cursor: '' }, filters: [] })).coupons.length;
    return { named, issueIn, coupons };
  }

  test.each(SHARDS.flatMap((home) => SHARDS.map((first) => [home, first] as const)))(
    'that is claimed in shard %i issues a coupon in shard %i and is refused for a policy of the other one, then and later',
    async (home, first) => {
      const { issueIn, coupons } = await twoPolicies(home);
      const codes = [await issueIn(first), await issueIn(1 - first), await issueIn(first), await issueIn(1 - first)];
      expect(codes).toEqual([CLAIMED.issued, CLAIMED.reused, CLAIMED.issued, CLAIMED.reused]);
      expect(await coupons()).toBe(1);
    },
  );

  test('issues one coupon when it is used for policies of both shards at the same time, on two gateways', async () => {
    const other = on.otherGateway();
    for (let time = 0; time < 10; time++) {
      const { issueIn, coupons } = await twoPolicies(time % 2);
      const codes = await Promise.all([issueIn(0), issueIn(1, other), issueIn(1), issueIn(0, other)]);
      expect(new Set(codes)).toEqual(new Set([CLAIMED.issued, CLAIMED.reused]));
      expect(await coupons()).toBe(1);
    }
  });

  /** A request to redeem a code whose policy in the shard then ends, and the coupon that it got. */
  async function redeemedIn(shard: number, code: string) {
    const policy = await on.policyIn(shard, { distributionType: 'CODE', code });
    const request = {
      userId: on.newUser(),
      code,
      commandKey: { ...keyIn(shard), requestHash: hashOf(0) },
    };
    const { coupon } = given((await on.coupon.redeemCode(request)).outcome);
    await on.coupon.changePolicyStatus({ principal: ADMIN, policyId: policy.id, transition: 'END' });
    const policyIds = async () => {
      const { coupons } = await on.coupon.listUserCoupons({
        userId: request.userId,
        page: { limit: 10, cursor: '' },
        filters: [],
      });
      return coupons.map((each) => each.coupon?.policyId);
    };
    return { policy, request, coupon, policyIds };
  }

  test.each(SHARDS)(
    'of a redeemed code returns its coupon again when a policy in another shard than %i has the code since',
    async (shard) => {
      const code = `PASSED-ON-FROM-${shard}`;
      const { policy, request, coupon, policyIds } = await redeemedIn(shard, code);
      await on.directory.freeCode({ code, policyId: policy.id, hasEnded: true });
      await on.policyIn(1 - shard, { distributionType: 'CODE', code });
      const repeat = await on.otherGateway().redeemCode(request);
      expect([given(repeat.outcome).coupon?.id, repeat.replayed]).toEqual([coupon?.id, true]);
      expect(await policyIds()).toEqual([policy.id]);
    },
  );

  test.each(SHARDS)(
    'of a code redeemed in shard %i returns its coupon again when no policy has the code since',
    async (shard) => {
      const code = `WITHDRAWN-FROM-${shard}`;
      const { policy, request, coupon } = await redeemedIn(shard, code);
      await on.directory.freeCode({ code, policyId: policy.id, hasEnded: true });
      const repeat = await on.otherGateway().redeemCode(request);
      expect([given(repeat.outcome).coupon?.id, repeat.replayed]).toEqual([coupon?.id, true]);
      const first = { ...request, userId: on.newUser(), commandKey: { ...keyIn(shard), requestHash: hashOf(0) } };
      expect(codeOf(await on.coupon.redeemCode(first))).toBe('COUPON_CODE_NOT_FOUND');
    },
  );

  /** A user of points in each shard. */
  const usersOfBoth = (): readonly bigint[] =>
    SHARDS.map((shard) => {
      for (;;) {
        const userId = on.newUser();
        if (on.maps.point.shardOfUser(userId) === shard) return userId;
      }
    });

  test('of an administrator gives points to one user, and to none of the other shard', async () => {
    for (const home of SHARDS) {
      const named = keyIn(home);
      const users = usersOfBoth();
      const earn = async (index: number) =>
        await on.point.earnPoints({
          principal: ADMIN,
          userId: users[index] ?? 0n,
          amount: 10n,
          reason: 'A review',
          key: named.key,
          expiresAt: undefined,
          availableAt: undefined,
          commandKey: { ...named, requestHash: hashOf(index) },
        });
      const first = await earn(0);
      expect([codeOf(first), codeOf(await earn(1)), codeOf(await earn(0))]).toEqual([
        codeOf(first),
        CLAIMED.reused,
        codeOf(first),
      ]);
      expect((await on.point.getBalance({ userId: users[1] ?? 0n })).balance).toBe(0n);
    }
  });

  test('with which too few points were used belongs to that request, whose refusal is stored', async () => {
    for (const home of SHARDS) {
      const named = keyIn(home);
      const users = usersOfBoth();
      const userOf = (index: number) => users[index] ?? 0n;
      const given = {
        principal: ADMIN,
        amount: 100n,
        reason: 'A review',
        expiresAt: undefined,
        availableAt: undefined,
      };
      const giveTo = (index: number) =>
        on.point.earnPoints({ ...given, userId: userOf(index), key: randomUUID(), commandKey: undefined });
      const useOf = async (index: number): Promise<string> => {
        const commandKey = { ...named, requestHash: hashOf(index) };
        return codeOf(
          await on.point.usePoints({
            userId: userOf(index),
            amount: 50n,
            orderId: undefined,
            key: named.key,
            commandKey,
          }),
        );
      };
      await giveTo(1);
      expect([await useOf(0), await useOf(0)]).toEqual(['INSUFFICIENT_POINTS', 'INSUFFICIENT_POINTS']);
      await giveTo(0);
      expect([await useOf(1), await useOf(0)]).toEqual([CLAIMED.reused, 'INSUFFICIENT_POINTS']);
      expect((await on.point.getBalance({ userId: userOf(1) })).balance).toBe(100n);
    }
  });

  const failing = ['DEPENDENCY_UNAVAILABLE', 'OVERLOADED'] as const;
  test.each(failing)('has its effect while the shard in which it is claimed fails with %s', async (code) => {
    const claimKeys = () => Promise.reject(new Unavailable(code, 'the shard serves no claims'));
    const away = { claimKeys, releaseKeys: claimKeys };
    const { issueIn } = await twoPolicies(1);
    expect(await issueIn(0, on.otherGateway(undefined, [away, away]))).toBe(CLAIMED.issued);
    expect(await issueIn(0)).toBe(CLAIMED.issued);
  });

  test.each(failing)('is refused as before when taking its claim back fails with %s', async (code) => {
    const processes = on.processes.map(({ claimKeys }) => ({
      claimKeys,
      releaseKeys: () => Promise.reject(new Unavailable(code, 'the shard serves no releases')),
    }));
    const { id: policyId } = await on.policyIn(0, { maxIssueCount: 1 });
    await on.coupon.issueCoupon({ policyId, userId: on.newUser() });
    const commandKey = { ...keyIn(1), requestHash: hashOf(0) };
    const gateway = on.otherGateway(undefined, processes);
    const issue = async () => codeOf(await gateway.issueCoupon({ policyId, userId: on.newUser(), commandKey }));
    expect([await issue(), await issue()]).toEqual(['COUPON_SOLD_OUT', 'COUPON_SOLD_OUT']);
  });

  test('is free for another request after its request was refused, unless a repeat of that one had an effect', async () => {
    for (const home of SHARDS) {
      const named = keyIn(home);
      const userId = on.newUser();
      const [full, other] = [await on.policyIn(0, { maxIssueCount: 1 }), await on.policyIn(1)];
      await on.coupon.issueCoupon({ policyId: full.id, userId: on.newUser() });
      const issueOf = async (shard: number): Promise<string> => {
        const policyId = shard === 0 ? full.id : other.id;
        return codeOf(
          await on.coupon.issueCoupon({ policyId, userId, commandKey: { ...named, requestHash: hashOf(shard) } }),
        );
      };
      expect([await issueOf(0), await issueOf(0)]).toEqual(['COUPON_SOLD_OUT', 'COUPON_SOLD_OUT']);
      // One more try is under way, and its response is lost.
      const lost = { ...named, requestHash: hashOf(0) };
      await on.processes[home]?.claimKeys({ keys: [lost] });
      expect([await issueOf(0), await issueOf(1)]).toEqual(['COUPON_SOLD_OUT', CLAIMED.reused]);
      await on.processes[home]?.releaseKeys({ keys: [lost] });
      expect([await issueOf(1), await issueOf(0)]).toEqual([CLAIMED.issued, CLAIMED.reused]);
    }
  });

  test('is not released for a request that did not claim it', async () => {
    const { named, issueIn } = await twoPolicies(0);
    const claimed = { ...named, requestHash: hashOf(0) };
    await on.processes[0]?.claimKeys({ keys: [claimed] });
    const full = await on.policyIn(0, { maxIssueCount: 1 });
    await on.coupon.issueCoupon({ policyId: full.id, userId: on.newUser() });
    const claimKeys = () => Promise.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', 'the shard is away'));
    const away = on.processes.map(({ releaseKeys }) => ({ claimKeys, releaseKeys }));
    const request = { policyId: full.id, userId: on.newUser(), commandKey: claimed };
    expect(codeOf(await on.otherGateway(undefined, away).issueCoupon(request))).toBe('COUPON_SOLD_OUT');
    expect(await issueIn(1)).toBe(CLAIMED.reused);
  });

  test('is free for another request 24 hours after the last repeat', async () => {
    const { named, issueIn } = await twoPolicies(0);
    const later = (interval: string) =>
      on.sql(0, `update platform.key_claims set expires_at = expires_at - interval '${interval}' where key = $1`, [
        named.key,
      ]);
    expect(await issueIn(0)).toBe(CLAIMED.issued);
    await later('23 hours');
    expect([await issueIn(1), await issueIn(0)]).toEqual([CLAIMED.reused, CLAIMED.issued]);
    await later('23 hours');
    expect(await issueIn(1)).toBe(CLAIMED.reused);
    await later('1 hour');
    expect(await issueIn(1)).toBe(CLAIMED.issued);
  });

  test('is claimed in a shard of the first era when there are more shards since', async () => {
    const homes = new Set<number>();
    const processes = [0, 1, 2, 3].map((shard) => ({
      claimKeys: async ({ keys }: { readonly keys: readonly unknown[] }) => {
        homes.add(shard);
        return { claimed: keys.map(() => true), triedBefore: keys.map(() => false) };
      },
      releaseKeys: async () => ({}),
    }));
    const eras = [2, 4].map((shards, index) => ({ sinceMs: index, shards }));
    const whileClaimed = whileKeyClaimed({ eras }, processes);
    for (let time = 0; time < 50; time++)
      for (const home of SHARDS)
        await whileClaimed(
          { ...keyIn(home), requestHash: hashOf(0) },
          async () => undefined,
          () => false,
        );
    expect(homes).toEqual(new Set(SHARDS));
  });

  test('is claimed in one call with the others that arrive together', async () => {
    let calls = 0;
    const processes = on.processes.map(({ claimKeys, releaseKeys }) => ({
      releaseKeys,
      claimKeys(request: Parameters<typeof claimKeys>[0]) {
        calls++;
        return claimKeys(request);
      },
    }));
    const gateway = on.otherGateway(undefined, processes);
    const { id: policyId } = await on.policyIn(1, { maxIssueCount: 100 });
    const issued = await Promise.all(
      Array.from({ length: 100 }, () =>
        gateway.issueCoupon({
          policyId,
          userId: on.newUser(),
          commandKey: { ...keyIn(0), requestHash: hashOf(0) },
        }),
      ),
    );
    expect(issued.every((response) => codeOf(response) === 'coupon')).toBe(true);
    expect(calls).toBe(1);
  });
});
