import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Client as GrpcClient, Metadata, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { servedFacts, watchFacts } from '../../src/app/remote/coupon-facts.ts';
import type { CouponService } from '../../src/contexts/coupon/api.ts';
import { couponContext, knownRefusals } from '../../src/contexts/coupon/module.ts';
import { staticAddresses } from '../../src/platform/grpc/addresses.ts';
import { dial } from '../../src/platform/grpc/dial.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';
import { TRUST_MS } from '../../src/platform/kernel/cached-fact.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { codeOf, given } from '../checkout/fixture.ts';
import { openCoupons } from '../support/coupons.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { cuttableProxy } from '../support/transports.ts';

const contract = await couponContext.contract();
const ADMIN = { userId: 1n, role: 'ADMIN' };
const TOKEN = 'right';
const undo: (() => Promise<unknown> | unknown)[] = [];

describe('a gateway that knows the facts of the coupon context', () => {
  let home: TestDatabase;
  let coupons: ReturnType<typeof openCoupons>;
  let lastUser = 1_000n;
  beforeEach(async () => {
    home = await testDatabase();
    coupons = openCoupons(home.url, 1);
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
    await coupons.close();
    await home.drop();
  });

  async function policy(maxIssueCount: number, distributionType = 'FIRST_COME'): Promise<bigint> {
    const { outcome } = await coupons.module.api.createPolicy({
      principal: ADMIN,
      terms: {
        name: 'Opening',
        description: '',
        discountType: 'FIXED_AMOUNT',
        discountValue: 1_000n,
        minimumOrderAmount: 0n,
        distributionType,
        maxIssueCount,
        maxIssuePerUser: 1,
        validDays: 7,
        expireAt: undefined,
        validFrom: new Date(Date.now() - HOUR_MS),
        validUntil: new Date(Date.now() + HOUR_MS),
        timezone: 'Asia/Seoul',
        restoreOnRefund: false,
      },
    });
    return given(outcome).id;
  }

  /** The coupon context in this process, served to others. `calls` counts the issue requests that reach it. */
  async function serve() {
    const calls = { issue: 0 };
    const api: CouponService = {
      ...coupons.module.api,
      issueCoupon(request) {
        calls.issue += 1;
        return coupons.module.api.issueCoupon(request);
      },
    };
    const { port, stop } = await serveGrpc({
      services: [{ contract, api }],
      streams: [servedFacts(coupons.module.facts)],
      host: '127.0.0.1',
      port: 0,
      credentials: ServerCredentials.createInsecure(),
      isMutual: false,
      denies: ({ token }) => (token === TOKEN ? undefined : { code: 'UNAUTHENTICATED', reason: 'another token' }),
      isPrincipal: () => true,
      log: coupons.log,
    });
    undo.push(() => stop(200));
    return { calls, port };
  }

  /** A gateway. `factPort`: where its stream of facts goes, when that is another way than its calls. */
  function gateway(port: number, factPort = port) {
    const open = (to: number) => {
      const dialled = dial(contract, {
        addresses: staticAddresses([`127.0.0.1:${to}`]),
        credentials: credentials.createInsecure(),
        batched: ['issueCoupon'],
      });
      undo.push(dialled.close);
      return dialled;
    };
    const calls = open(port);
    const streams = factPort === port ? calls : open(factPort);
    const known = knownRefusals(() => performance.now());
    undo.push(watchFacts(known, (path, of) => streams.openStream(path, of, () => TOKEN)));
    const api = calls.apiFor({ token: () => TOKEN }) as unknown as CouponService;
    const issueCoupon = known.guard(api.issueCoupon);
    return {
      known,
      issue: async (policyId: bigint, userId = ++lastUser) => codeOf(await issueCoupon({ policyId, userId })),
      issueWithKey: (policyId: bigint, userId: bigint, key: string) =>
        issueCoupon({ policyId, userId, commandKey: { scope: 's', key, requestHash: new Uint8Array(32) } }),
    };
  }
  const untilClosed = async ({ known, issue }: ReturnType<typeof gateway>, policyId: bigint) => {
    await expect
      .poll(async () => [await issue(policyId), known.isClosed(policyId)], { timeout: 60_000 })
      .toEqual(['COUPON_SOLD_OUT', true]);
  };

  test('nine of ten refusals do not leave it, and a holder gets the own coupon', async () => {
    const { calls, port } = await serve();
    const policyId = await policy(20);
    const on = gateway(port);
    const users = Array.from({ length: 20 }, () => ++lastUser);
    expect(new Set(await Promise.all(users.map((user) => on.issue(policyId, user))))).toEqual(new Set(['coupon']));
    await untilClosed(on, policyId);
    const before = calls.issue;
    // For longer than a fact is trusted.
    const untilMs = performance.now() + 2 * TRUST_MS;
    const codes: string[] = [];
    while (performance.now() < untilMs) {
      const lost = Array.from({ length: 200 }, () => on.issue(policyId));
      codes.push(...(await Promise.all(lost)));
      expect(await on.issue(policyId, users[7])).toBe('COUPON_ALREADY_ISSUED');
      await sleep(10);
    }
    expect(new Set(codes)).toEqual(new Set(['COUPON_SOLD_OUT']));
    expect((calls.issue - before) / codes.length).toBeLessThan(0.1);
  });

  test('a command with a key gets the result of its key after the policy is sold out', async () => {
    const { port } = await serve();
    const policyId = await policy(1);
    const on = gateway(port);
    const userId = ++lastUser;
    const first = await on.issueWithKey(policyId, userId, 'mine');
    await untilClosed(on, policyId);
    const again = await on.issueWithKey(policyId, userId, 'mine');
    expect([given(again.outcome).id, again.replayed]).toEqual([given(first.outcome).id, true]);
  });

  test('coupons that another instance adds are issued within a second, while the stream of facts is frozen', async () => {
    const { port } = await serve();
    const policyId = await policy(1);
    const link = await cuttableProxy(port);
    undo.push(link.close);
    const on = gateway(port, link.port);
    await on.issue(policyId);
    await untilClosed(on, policyId);
    link.freeze();
    const { database, module, close } = openCoupons(home.url, 3);
    undo.push(close);
    const changed = await module.api.setQuantity({
      principal: ADMIN,
      policyId,
      newMaxIssueCount: 1_000_000,
      modifiedBy: '1',
      reason: 'more',
    });
    expect(codeOf(changed)).toBe('quantity');
    const committedMs = performance.now();
    expect((await database.pool.query('select 1')).rowCount).toBe(1);
    await refusedNoLaterThan(on, policyId, committedMs);
    // What was read before the change arrives now.
    link.thaw();
    await refusedNoLaterThan(on, policyId, committedMs);
  });

  test('coupons that are added while the coupon service is frozen are issued when it goes on, and none is refused later', async () => {
    const policyId = await policy(1);
    const child = spawn(process.execPath, ['test/support/coupon-service-process.ts', home.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    undo.push(() => {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      return exited;
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const on = gateway(Number(line.toString()));
    await on.issue(policyId);
    await untilClosed(on, policyId);
    child.kill('SIGSTOP');
    const changed = await coupons.module.api.setQuantity({
      principal: ADMIN,
      policyId,
      newMaxIssueCount: 1_000_000,
      modifiedBy: '1',
      reason: 'more',
    });
    expect(codeOf(changed)).toBe('quantity');
    const committedMs = performance.now();
    const refused: number[] = [];
    const asked: Promise<unknown>[] = [];
    const ask = async () => {
      const code = await on.issue(policyId).catch(() => 'unknown');
      if (code === 'COUPON_SOLD_OUT') refused.push(performance.now());
      return code;
    };
    while (performance.now() < committedMs + 2_000) {
      asked.push(ask());
      await sleep(20);
    }
    const whileFrozen = refused.length;
    child.kill('SIGCONT');
    await Promise.all(asked);
    // Those that the gateway passed on are decided by the context, whose own memory is as old.
    await expect.poll(() => on.issue(policyId).catch(() => 'unknown'), { timeout: 60_000 }).toBe('coupon');
    expect(refused.slice(0, whileFrozen).filter((atMs) => atMs > committedMs + TRUST_MS)).toEqual([]);
    for (let time = 0; time < 50; time++) expect(await on.issue(policyId)).toBe('coupon');
  });

  test('a lost stream is opened again, and knows the holders again', async () => {
    const { port } = await serve();
    const policyId = await policy(1);
    const link = await cuttableProxy(port);
    undo.push(link.close);
    const on = gateway(port, link.port);
    const winner = ++lastUser;
    await on.issue(policyId, winner);
    await untilClosed(on, policyId);
    link.cut();
    await untilClosed(on, policyId);
    expect(await on.issue(policyId, winner)).toBe('COUPON_ALREADY_ISSUED');
  });

  test('docs/attacks.md 37: facts are for those who may have them', async () => {
    const { port } = await serve();
    const client = new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure());
    undo.push(() => client.close());
    const same = (bytes: Buffer) => bytes;
    const metadata = new Metadata();
    metadata.set('authorization', 'Bearer wrong');
    const stream = client.makeBidiStreamRequest('/stampede.coupon.v1.RefusalFactService/Watch', same, same, metadata);
    stream.on('data', () => {});
    const [error] = await once(stream, 'error').catch((thrown) => [thrown]);
    expect(error).toMatchObject({ code: status.UNAUTHENTICATED });
  });

  /** Asks until two seconds after the commit. A refusal that was given more than a second after it is one too many. */
  async function refusedNoLaterThan(
    on: ReturnType<typeof gateway>,
    policyId: bigint,
    committedMs: number,
  ): Promise<void> {
    const late: number[] = [];
    const untilMs = Math.max(performance.now(), committedMs) + 2 * TRUST_MS;
    while (performance.now() < untilMs) {
      const beganMs = performance.now();
      const codes = await mapConcurrent([1, 2, 3], 3, () => on.issue(policyId));
      if (beganMs > committedMs + TRUST_MS && codes.includes('COUPON_SOLD_OUT')) late.push(beganMs - committedMs);
      await sleep(10);
    }
    expect(late).toEqual([]);
    expect(await on.issue(policyId)).toBe('coupon');
  }
});
