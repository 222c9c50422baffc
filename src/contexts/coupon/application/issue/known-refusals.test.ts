import { beforeEach, describe, expect, it } from 'vitest';
import { TRUST_MS } from '../../../../platform/kernel/cached-fact.ts';
import type { IssueCouponResponse, WatchRequest, WatchResponse } from '../../api.ts';
import type { IssuablePolicy, NamedCoupon } from '../../domain/issue/issue.ts';
import { issuable, NOW_MS } from '../../test/policies.ts';
import { factFeed } from './fact-feed.ts';
import { type KnownRefusals, knownRefusals } from './known-refusals.ts';

const SOLD_OUT = { issuedCount: 10, lastSequenceNo: 10, status: 'EXHAUSTED' } as const;
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('what a gateway knows', () => {
  let monotonicMs: number;
  let wallMs: number;
  let stored: IssuablePolicy;
  let holders: Map<bigint, NamedCoupon>;
  let calls: number;
  let known: KnownRefusals;
  /** What the context sent and the stream has not delivered yet. */
  let underWay: WatchResponse[];
  let feed: ReturnType<typeof factFeed>;
  let tick: (request: WatchRequest) => void;
  let next: IssueCouponResponse;

  beforeEach(() => {
    monotonicMs = 5_000;
    wallMs = NOW_MS;
    stored = issuable(SOLD_OUT);
    holders = new Map([[3n, { couponId: 903n, sequenceNo: 3 }]]);
    calls = 0;
    next = { outcome: undefined };
    underWay = [];
    known = knownRefusals(() => monotonicMs);
    feed = factFeed({
      reader: {
        policies: async (ids) => (ids.includes(stored.id) ? [stored] : []),
        holders: async () => ({ policy: stored, first: holders }),
      },
      clock: () => wallMs,
      onError: (error) => {
        throw error;
      },
    });
    const subscription = feed.subscribe(
      (message) => underWay.push(message),
      () => {},
    );
    tick = subscription.tick;
  });
  const issue = async (userId: bigint, more: object = {}) => {
    const response = await known.guard(async () => {
      calls += 1;
      return next;
    })({ policyId: 1n, userId, ...more });
    return response.outcome?.$case === 'refusal' ? response.outcome.value.code : response.outcome?.$case;
  };
  const deliver = () => {
    for (const message of underWay.splice(0)) known.apply(message);
  };
  /** The gateway's timer. Returns whether a message was sent. */
  const sendTick = async () => {
    const request = known.tick();
    if (request !== undefined) tick(request);
    await settled();
  };
  const refresh = async () => {
    await sendTick();
    deliver();
  };

  it('a policy that is sold out refuses after the first tick, and a holder gets the own coupon', async () => {
    expect([await issue(7n), calls]).toEqual([undefined, 1]);
    await refresh();
    expect([await issue(7n), await issue(3n), calls]).toEqual(['COUPON_SOLD_OUT', 'COUPON_ALREADY_ISSUED', 1]);
    expect(known.isClosed(1n)).toBe(true);
  });

  it('a command with a key reaches the context, whatever is known', async () => {
    await issue(7n);
    await refresh();
    const commandKey = { scope: 's', key: 'k', requestHash: new Uint8Array() };
    expect([await issue(7n, { commandKey }), calls]).toEqual([undefined, 2]);
  });

  it('a fact is trusted for a second from when its tick was sent, however late it arrives', async () => {
    await issue(7n);
    await sendTick();
    monotonicMs += 700;
    deliver();
    monotonicMs += TRUST_MS - 700 - 1;
    expect(await issue(7n)).toBe('COUPON_SOLD_OUT');
    monotonicMs += 1;
    expect([await issue(7n), known.isClosed(1n)]).toEqual([undefined, false]);
    await sendTick();
    monotonicMs += TRUST_MS;
    deliver();
    expect([await issue(7n), known.isClosed(1n)]).toEqual([undefined, false]);
  });

  it('a fact that was under way when ticks went on is as old as the tick that it names', async () => {
    await issue(7n);
    await sendTick();
    const old = underWay.splice(0);
    monotonicMs += 900;
    await issue(7n);
    known.tick();
    for (const message of old) known.apply(message);
    monotonicMs += 100;
    expect(await issue(7n)).toBeUndefined();
  });

  it('a read that began before a tick does not name that tick', async () => {
    const first = Promise.withResolvers<readonly IssuablePolicy[]>();
    const slow = factFeed({
      reader: { policies: () => first.promise, holders: async () => undefined },
      clock: () => wallMs,
      onError: () => {},
    });
    const ticks: number[] = [];
    const subscription = slow.subscribe(
      (message) => ticks.push(message.tick),
      () => {},
    );
    subscription.tick({ tick: 1, policyIds: [1n] });
    subscription.tick({ tick: 2, policyIds: [] });
    first.resolve([stored]);
    await settled();
    expect(ticks).toEqual([1]);
  });

  it('more coupons end the refusals with the facts that were read before, and at once where the change was made', async () => {
    await issue(7n);
    await refresh();
    stored = { ...stored, maxIssueCount: 11, status: 'ACTIVE', refusalEpoch: 1 };
    expect(await issue(7n)).toBe('COUPON_SOLD_OUT');
    feed.changed(1n);
    await settled();
    deliver();
    expect([await issue(7n), await issue(3n)]).toEqual([undefined, undefined]);
  });

  it('a fact from before a change that is known refuses nothing, however late it arrives', async () => {
    await issue(7n);
    await sendTick();
    const old = underWay.splice(0);
    stored = { ...stored, maxIssueCount: 11, status: 'ACTIVE', refusalEpoch: 1 };
    await issue(7n);
    await refresh();
    expect(await issue(7n)).toBeUndefined();
    for (const message of old) known.apply(message);
    expect([await issue(7n), known.isClosed(1n)]).toEqual([undefined, false]);
  });

  it('users without a coupon are refused only when all holders are known', async () => {
    holders = new Map(Array.from({ length: 12_000 }, (_, index) => [BigInt(index), { couponId: 1n, sequenceNo: 1 }]));
    await issue(77_777n);
    await sendTick();
    await expect.poll(() => underWay.length).toBe(4);
    const [policy, ...parts] = underWay.splice(0);
    for (const message of [policy, ...parts.slice(0, 2)]) known.apply(message as WatchResponse);
    expect([await issue(77_777n), await issue(5n)]).toEqual([undefined, 'COUPON_ALREADY_ISSUED']);
    known.apply(parts[2] as WatchResponse);
    expect([await issue(77_777n), await issue(11_999n)]).toEqual(['COUPON_SOLD_OUT', 'COUPON_ALREADY_ISSUED']);
  });

  it('a policy opens on time, also when a fact says that it is not open yet, and no wall clock counts', async () => {
    stored = issuable({ validFromMs: NOW_MS + 300, status: 'PENDING' });
    await issue(7n);
    await refresh();
    wallMs += 1_000_000_000;
    monotonicMs += 299;
    expect(await issue(7n)).toBe('POLICY_NOT_STARTED');
    monotonicMs += 1;
    expect(await issue(7n)).toBeUndefined();
  });

  it('a user who got a coupon here is refused once a later read has the same epoch, and not before', async () => {
    stored = issuable({ issuedCount: 3, lastSequenceNo: 3 });
    const coupon = { id: 907n, policyId: 1n, userId: 7n, sequenceNo: 4, status: 'ISSUED', termsVersion: 1 };
    await issue(1n);
    await refresh();
    next = { outcome: { $case: 'coupon', value: coupon as never } };
    // Read before the coupon was issued, and received afterwards.
    await issue(7n, { commandKey: { scope: 's', key: 'k', requestHash: new Uint8Array() } });
    monotonicMs += 1;
    await sendTick();
    monotonicMs += 1;
    next = { outcome: { $case: 'coupon', value: { ...coupon, userId: 8n } as never } };
    expect(await issue(8n)).toBe('coupon');
    deliver();
    expect([await issue(7n), await issue(8n)]).toEqual(['COUPON_ALREADY_ISSUED', 'coupon']);
    monotonicMs += 1;
    await refresh();
    expect(await issue(8n)).toBe('COUPON_ALREADY_ISSUED');
  });

  it('a coupon that was withdrawn while its response was under way refuses no request', async () => {
    stored = issuable({ issuedCount: 3, lastSequenceNo: 3 });
    await issue(1n);
    await refresh();
    const response = Promise.withResolvers<IssueCouponResponse>();
    const slow = known.guard(() => response.promise)({ policyId: 1n, userId: 7n });
    stored = { ...stored, refusalEpoch: 1 };
    await refresh();
    const coupon = { id: 907n, policyId: 1n, userId: 7n, sequenceNo: 4, status: 'ISSUED', termsVersion: 1 };
    response.resolve({ outcome: { $case: 'coupon', value: coupon as never } });
    await slow;
    monotonicMs += 1;
    await issue(1n);
    await refresh();
    expect(await issue(7n)).toBeUndefined();
  });

  it('a coupon that was issued here refuses no request any more once it was withdrawn', async () => {
    stored = issuable({ issuedCount: 3, lastSequenceNo: 3 });
    const coupon = { id: 907n, policyId: 1n, userId: 7n, sequenceNo: 4, status: 'ISSUED', termsVersion: 1 };
    const later = async () => {
      monotonicMs += 1;
      await refresh();
      monotonicMs += 1;
    };
    await issue(1n);
    await later();
    next = { outcome: { $case: 'coupon', value: coupon as never } };
    await issue(7n);
    await later();
    expect(await issue(7n)).toBe('COUPON_ALREADY_ISSUED');
    stored = { ...stored, refusalEpoch: 1 };
    await later();
    expect(await issue(7n)).toBe('coupon');
  });

  it('holders are as old as the tick before the read of them began', async () => {
    const read = Promise.withResolvers<void>();
    const sent: number[] = [];
    const slow = factFeed({
      reader: {
        policies: async () => [stored],
        holders: () => read.promise.then(() => ({ policy: stored, first: holders })),
      },
      clock: () => wallMs,
      onError: () => {},
    });
    const subscription = slow.subscribe(
      (message) => {
        sent.push(message.tick);
        known.apply(message);
      },
      () => {},
    );
    await issue(7n);
    subscription.tick(known.tick() as WatchRequest);
    await settled();
    monotonicMs += TRUST_MS - 100;
    await issue(7n);
    const second = known.tick() as WatchRequest;
    // Names no policy, so that nothing but the holders is read after it.
    subscription.tick({ ...second, policyIds: [] });
    read.resolve();
    await settled();
    expect(sent).toEqual([1, 1]);
    expect(await issue(7n)).toBe('COUPON_SOLD_OUT');
    monotonicMs += 100;
    expect(await issue(7n)).toBeUndefined();
  });

  it('a new stream begins with nothing', async () => {
    await issue(7n);
    await refresh();
    known.reset();
    expect([await issue(7n), await issue(3n)]).toEqual([undefined, undefined]);
  });
});
