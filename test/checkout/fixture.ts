import pino from 'pino';
import { Registry } from 'prom-client';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { TOPICS } from '../../src/app/event-catalogue.ts';
import type { Coupon, PolicyTerms } from '../../src/contexts/coupon/api.ts';
import { couponContext, createCoupon } from '../../src/contexts/coupon/module.ts';
import { postgresOrderReader } from '../../src/contexts/order/adapters/postgres/order-reader.ts';
import { postgresOrderStore } from '../../src/contexts/order/adapters/postgres/order-store.ts';
import { postgresPlacedKeyReader } from '../../src/contexts/order/adapters/postgres/placed-key-reader.ts';
import type { Product, TimeSale } from '../../src/contexts/order/api.ts';
import { orderEvents } from '../../src/contexts/order/application/order-events.ts';
import { type OrderOperations, orderOperations } from '../../src/contexts/order/application/order-operations.ts';
import { createOrder } from '../../src/contexts/order/module.ts';
import { createPoint, type PointOptions, pointContext } from '../../src/contexts/point/module.ts';
import { createStore, storeContext } from '../../src/contexts/store/module.ts';
import type { ScheduledTask } from '../../src/platform/context.ts';
import type { Delivery } from '../../src/platform/events/bus.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { eventCheck } from '../../src/platform/events/check.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { expand } from '../../src/platform/events/expand.ts';
import { deleteFromOutbox, parsePayload } from '../../src/platform/events/outbox-rows.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { classifyFailure } from '../../src/platform/postgres/batch-transaction.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { testImages } from '../support/images.ts';
import { testDatabase } from '../support/postgres.ts';
import { openStore } from '../support/stores.ts';
import { LOCAL, type Transport } from '../support/transports.ts';
import { type KillableProcess, killableProcess, ProcessDied } from './killable-process.ts';
import { provider } from './provider.ts';

export const ADMIN = { userId: 1n, role: 'ADMIN' };
const START_MS = Date.now();
const LONG_MS = 365 * 24 * 60 * MINUTE_MS;

/** Orders, coupons and points over one database, by a clock that the test moves; events go when the test says so. */
export async function checkoutFixture(
  options: Pick<PointOptions, 'earnRateBp' | 'earnDelayDays'> & { readonly reach?: Transport } = {},
) {
  const home = await testDatabase();
  const database = openDatabase({ url: home.url, onError: () => {}, time: { presentAt: () => nowMs } });
  const log = pino({ level: 'silent' });
  const metrics = new Registry();
  const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
  let nowMs = START_MS;
  let lastUser = 100n;
  const clock = () => nowMs;
  const nextId = snowflake(() => 1, Date.now);
  const deps = { database, bus, clock, nextId, metrics, log };
  const outside = provider();
  const store = createStore({ ...deps, images: testImages() });
  const coupon = createCoupon(deps, { store: store.api }, { rateLimit: false });
  const point = createPoint(deps, options);
  const { reach = LOCAL } = options;
  const reached = {
    coupon: await reach(await couponContext.contract(), coupon.api),
    point: await reach(await pointContext.contract(), point.api),
    store: await reach(await storeContext.contract(), store.api),
  };
  const called = { coupon: reached.coupon.api, point: reached.point.api, store: reached.store.api };
  const order = createOrder(deps, called, { provider: outside });
  const others: OrderOperations[] = [];
  await bus.start();

  /** Another node's checkout. Everything that it can change goes through a process that may die. */
  function node(
    process: KillableProcess = killableProcess(Number.POSITIVE_INFINITY),
    currency = 'KRW',
  ): OrderOperations {
    const made = orderOperations({
      storeFor: () =>
        process.killable(postgresOrderStore({ database, nextId, eventsOf: orderEvents, onEvents: () => {} })),
      reader: postgresOrderReader(database),
      keys: postgresPlacedKeyReader(database),
      services: { coupon: process.killable(coupon.api), point: process.killable(point.api) },
      provider: process.killable(outside),
      stores: store.api,
      clock,
      monotonic: clock,
      now: clock,
      nextId,
      reservationMs: 10 * MINUTE_MS,
      currency,
      withTimeout: (work) => work,
      onStepFailure: () => {},
      classify: (error) => (error instanceof ProcessDied ? 'poison' : classifyFailure(error)),
      batchMax: 16,
    });
    others.push(made);
    return made;
  }

  const jobs = new Map<string, ScheduledTask>(
    [...coupon.jobs, ...point.jobs, ...order.jobs].map((job) => [job.name, job]),
  );
  const run = async (name: string): Promise<number> => {
    const job = jobs.get(name);
    if (!job) throw new Error(`no job ${name}`);
    return await job.run(new AbortController().signal);
  };
  const check = eventCheck(TOPICS);

  return {
    coupon: coupon.api,
    point: point.api,
    order: order.api,
    /** The contexts as `reach` reaches them. */
    reached: called,
    outside,
    node,
    run,
    bus,
    now: () => nowMs,
    later: (ms: number) => {
      nowMs += ms;
    },
    newUser: () => ++lastUser,
    sql: async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
      (await database.pool.query(text, [...values])).rows as Row[],

    /** What is in the outbox. */
    async events(): Promise<Delivery[]> {
      const { rows } = await database.pool.query<{ id: bigint; created_at: Date; payload: string }>(
        'select id, created_at, payload from platform.outbox order by id',
      );
      return rows.flatMap((row) => expand(String(row.id), row.created_at, parsePayload(row.payload)));
    },

    /** Delivers everything in the outbox to its consumers. Returns the topics. */
    async publish(): Promise<string[]> {
      const { rows } = await database.pool.query<{ id: bigint; created_at: Date; payload: string }>(
        'select id, created_at, payload from platform.outbox order by id',
      );
      const batch = rows.flatMap((row) => expand(String(row.id), row.created_at, parsePayload(row.payload)));
      for (const delivery of batch) {
        const wrong = check.outgoing(delivery);
        if (wrong) throw new Error(`${delivery.topic} ${wrong}`);
      }
      await bus.publish(batch);
      await deleteFromOutbox(
        database.pool,
        rows.map(({ id }) => String(id)),
      );
      return batch.map(({ topic }) => topic);
    },

    /** A store of this user. */
    store: (ownerId: bigint) => openStore(store.api, ownerId),
    async product(price = 10_000n, stock = 100, storeId?: bigint): Promise<Product> {
      return given(
        (await order.api.createProduct({ principal: ADMIN, name: 'Chair', description: '', price, stock, storeId }))
          .outcome,
      );
    },
    async timeSale(product: Product, salePrice = 7_000n, quantity = 10, limitPerUser = 5): Promise<TimeSale> {
      const { outcome } = await order.api.createTimeSale({
        principal: ADMIN,
        productId: product.id,
        salePrice,
        quantity,
        limitPerUser,
        startsAt: new Date(nowMs),
        endsAt: new Date(nowMs + 60 * MINUTE_MS),
      });
      return given(outcome);
    },
    /** An open policy of 10 coupons of 1,000 off. */
    async policy(changes: Partial<PolicyTerms> = {}): Promise<bigint> {
      const { outcome } = await coupon.api.createPolicy({
        principal: ADMIN,
        terms: {
          name: 'Opening',
          description: '',
          discountType: 'FIXED_AMOUNT',
          discountValue: 1_000n,
          minimumOrderAmount: 0n,
          distributionType: 'FIRST_COME',
          maxIssueCount: 10,
          maxIssuePerUser: 1,
          validDays: undefined,
          validFrom: new Date(nowMs - 1_000),
          validUntil: new Date(nowMs + LONG_MS),
          expireAt: new Date(nowMs + LONG_MS),
          timezone: 'Asia/Seoul',
          restoreOnRefund: true,
          ...changes,
        },
      });
      return given(outcome).id;
    },
    /** A coupon of 1,000 off that is the user's. */
    async couponOf(userId: bigint, restoreOnRefund = true, changes: Partial<PolicyTerms> = {}): Promise<Coupon> {
      const policyId = await this.policy({ restoreOnRefund, ...changes });
      return given((await coupon.api.issueCoupon({ policyId, userId })).outcome);
    },
    async charge(userId: bigint, amount: bigint): Promise<void> {
      given((await point.api.chargePoints({ userId, amount, key: `charge ${userId} ${amount} ${nowMs}` })).outcome);
    },
    points: async (userId: bigint): Promise<[available: bigint, held: bigint]> => {
      const { available, held } = await point.api.getBalance({ userId });
      return [available, held];
    },
    async couponStatus({ id, userId }: Coupon): Promise<string | undefined> {
      const page = { limit: 100, cursor: '' };
      const { coupons } = await coupon.api.listUserCoupons({ userId, page, filters: [] });
      return coupons.find((each) => each.coupon?.id === id)?.coupon?.status;
    },
    async units({ id }: Product): Promise<Record<'stock' | 'reserved' | 'sold', number>> {
      const { rows } = await database.pool.query('select stock, reserved, sold from orders.products where id = $1', [
        id,
      ]);
      return rows[0];
    },
    async saleUnits({ id }: TimeSale): Promise<Record<'stock' | 'reserved' | 'sold' | 'returned', number>> {
      const { rows } = await database.pool.query(
        'select stock, reserved, sold, returned from orders.time_sales where id = $1',
        [id],
      );
      return rows[0];
    },

    /** Lets the job go on until nothing is due within the hour. */
    async untilRest(): Promise<void> {
      for (let rounds = 0; rounds < 100; rounds++) {
        const { rows } = await database.pool.query<{ at: Date | null }>(
          'select least((select min(resume_at) from orders.orders), (select min(resume_at) from orders.refunds)) as at',
        );
        const at = rows[0]?.at?.getTime();
        if (at === undefined || at > nowMs + 60 * MINUTE_MS) return;
        nowMs = Math.max(nowMs, at);
        await run('order.resume');
      }
      throw new Error('orders do not come to rest');
    },

    /** Every violation of what holds within and across contexts. */
    async violations(): Promise<string[]> {
      const { audits } = await runAudits(home.url, {});
      // Statistics are counted from events, which are not published here.
      return audits.filter(({ context }) => context !== 'statistics').flatMap(({ violations }) => violations);
    },

    async close() {
      await Promise.all(others.map((each) => each.stop()));
      await Promise.all([coupon, point, order].map((module) => module.stop()));
      await Promise.all(Object.values(reached).map((transport) => transport.close()));
      await bus.stop();
      await database.close();
      await home.drop();
    },
  };
}
export type Fixture = Awaited<ReturnType<typeof checkoutFixture>>;

type Outcome = { readonly $case: string; readonly value: unknown };

/** What was answered. Throws when it was refused. */
export function given<Answer extends Outcome>(
  outcome: Answer | undefined,
): Exclude<Answer, { readonly $case: 'refusal' }>['value'] {
  if (outcome === undefined || outcome.$case === 'refusal') throw new Error(`refused: ${textOf(outcome?.value)}`);
  return outcome.value as Exclude<Answer, { readonly $case: 'refusal' }>['value'];
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));

/** The code of a refusal, or what was answered instead. */
export const codeOf = ({ outcome }: { readonly outcome?: Outcome | undefined }): string =>
  outcome?.$case === 'refusal' ? (outcome.value as { code: string }).code : (outcome?.$case ?? 'nothing');

/** A payment event as a provider publishes it. */
export function paymentEvent(
  topic: 'payment.completed.v1' | 'payment.failed.v1',
  data: Readonly<Record<string, string>>,
  eventId: string,
): Delivery {
  const metadata = { correlationId: eventId, source: 'provider', version: '1.0' };
  const event = { eventId, eventType: topic.toUpperCase(), timestamp: new Date().toISOString(), data, metadata };
  return { topic, key: data['orderId'] ?? '', event };
}
