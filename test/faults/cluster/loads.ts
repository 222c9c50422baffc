import { setTimeout as sleep } from 'node:timers/promises';
import { openShop, visit } from '../checkout-faults.ts';
import { expectSettled } from '../checkout-verdict.ts';
import { type RetryingClient, retryingClient } from '../retrying-client.ts';
import { createPolicy, type Data as RushData } from '../rush-faults.ts';
import type { System } from '../system.ts';
import { expectExact } from '../verdict.ts';
import type { LoadName } from './parts.ts';
import type { Session } from './session.ts';
import type { Timeline } from './timeline.ts';

/** Users who wait at once, after which others come later. */
const WAITING_MAX = 96;
/** Longer than a cell lasts, so that its coupons and its goods suffice until the last rush. */
const CELL_SECONDS_MAX = 110;
const RUSH_EACH_SECOND = 60;
const CHECKOUTS_EACH_SECOND = 6;
/** Users of the rush at the end, beyond those who get the last coupons. */
const LATE_USERS = 200;

/** Users who come evenly, and each of whom retries until a final response. */
export interface Load {
  readonly timeline: Timeline;
  /** Ends the arrivals and waits for those who still wait. */
  stop(): Promise<void>;
  /** @throws AssertionError when anything of what was promised is not so */
  expectKept(): Promise<void>;
}

type Opened = Promise<{ visit(number: number): Promise<void>; expectKept(): Promise<void> }>;

/** What a load runs on. */
export type LoadedSystem = System & Pick<Session, 'customers'>;

/** Opens the shop, or the policy, and lets the users come. */
export async function startLoad(name: LoadName, session: LoadedSystem): Promise<Load> {
  const attempts: { atMs: number; outcome: string }[] = [];
  const successes: number[] = [];
  const client = retryingClient(session, {
    connections: WAITING_MAX,
    onAttempt: (outcome) => void attempts.push({ atMs: performance.now(), outcome }),
  });
  const load = await (name === 'rush' ? openRush(session, client) : openCheckouts(session, client));
  const stopping = new AbortController();
  const waiting = new Set<Promise<void>>();
  const perSecond = name === 'rush' ? RUSH_EACH_SECOND : CHECKOUTS_EACH_SECOND;
  const arrivals = (async () => {
    const startedMs = performance.now();
    for (let number = 0; !stopping.signal.aborted; number++) {
      const user = load.visit(number).then(() => void successes.push(performance.now()));
      waiting.add(user);
      void user.finally(() => waiting.delete(user));
      if (waiting.size >= WAITING_MAX) await Promise.race(waiting);
      const dueMs = startedMs + (number * 1_000) / perSecond;
      await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    timeline: { successes, attempts, arrivals: perSecond },
    async stop() {
      stopping.abort();
      await arrivals;
      await Promise.all(waiting);
    },
    async expectKept() {
      await load.expectKept();
      await client.close();
    },
  };
}

/** First-come coupons. At the end all that are left are asked for at once, by more users than there are. */
async function openRush(session: System, client: RetryingClient): Opened {
  const coupons = RUSH_EACH_SECOND * CELL_SECONDS_MAX;
  const policyId = await createPolicy(session, coupons);
  const data = new Map<string, RushData>();
  const wrong: string[] = [];
  let users = 0;
  let issued = 0;
  const ask = async (): Promise<void> => {
    const user = String(++users);
    const path = `coupons/policies/${policyId}/issue`;
    const { status, body } = await client.send({ user, path, json: {} });
    if (status === 201 || (status === 409 && body.code === 'COUPON_ALREADY_ISSUED')) {
      issued += 1;
      data.set(user, { couponId: body.couponId, sequenceNo: Number(body.sequenceNo) });
    } else if (status === 410 && body.code === 'COUPON_SOLD_OUT') data.set(user, 'sold out');
    else wrong.push(`${user}: ${status} ${JSON.stringify(body)}`);
  };
  return {
    visit: ask,
    async expectKept() {
      const last = coupons - issued + LATE_USERS;
      const end = users + last;
      await Promise.all(
        Array.from({ length: WAITING_MAX }, async () => {
          while (users < end) await ask();
        }),
      );
      await expectExact(session, { policyId, data, wrong }, { users, coupons });
    },
  };
}

/** Customers who get points and a coupon, order, pay and change their minds. */
async function openCheckouts(session: LoadedSystem, client: RetryingClient): Opened {
  const goods = await openShop(client, CHECKOUTS_EACH_SECOND * CELL_SECONDS_MAX);
  const { customers } = session;
  return {
    async visit() {
      const number = customers.count++;
      const last = await visit(client, goods, number).catch((error: unknown) => {
        customers.wrong.push(`${number}: ${error}`);
      });
      if (last) customers.data.push(last);
    },
    expectKept: () => expectSettled(session, customers, { checkouts: customers.count }),
  };
}
