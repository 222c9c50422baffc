import { type CheckoutOutcome, checkoutCrowd, isPaid } from '../../src/commands/rush/checkout/checkout-crowd.ts';
import { checkBooks } from '../../src/commands/rush/checkout/checks.ts';
import { CHARGED, prepareCheckouts } from '../../src/commands/rush/checkout/prepare-checkouts.ts';
import { readBooks } from '../../src/commands/rush/checkout/stored-books.ts';
import { PRICE } from '../../src/commands/rush/create-product.ts';
import type { Crowd } from '../../src/commands/rush/crowd.ts';
import { percentilesOf } from '../../src/commands/rush/figures.ts';
import type { History } from '../../src/commands/rush/history.ts';
import type { ToldOrder } from '../../src/commands/rush/order-answer.ts';
import { customerTokens } from '../../src/commands/rush/requests.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { brokenAudits } from './broken-audits.ts';
import type { Entrant } from './entrants.ts';
import type { Ground } from './ground.ts';
import { type CpuUs, withCpu } from './with-cpu.ts';

export interface CheckoutSlice {
  readonly entrant: Entrant['id'];
  /** Everybody uses a coupon and points beside what is paid. */
  readonly withCoupon: boolean;
  readonly connections: number;
  readonly checkouts: number;
  readonly perSecond: number;
  /** From the moment the order left until it was answered PAID. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** What the client took from the cores that it shares, a request. */
  readonly clientCpuUs: number;
  /** A checkout. */
  readonly cpuUs: CpuUs;
  readonly fault: string | undefined;
}

interface CheckoutOptions {
  readonly connections: number;
  readonly checkouts: number;
  readonly withCoupon: boolean;
}

const FIRST_USER = 1_000_000_000n;
const FIRST_WARM_USER = 1_000n;
/** Of the checkouts, before those that are measured. */
const WARM_SHARE = 0.1;

/** Users who order and pay with points, each as soon as the order is answered. */
export const checkoutSlice = (entrant: Entrant, ground: Ground, options: CheckoutOptions): Promise<CheckoutSlice> =>
  ground.onDatabase(async (databaseUrl) => {
    const connections = Math.min(options.connections, entrant.connectionsMax ?? options.connections);
    const child = await entrant.start(ground, databaseUrl, 0);
    const { jwtSecret } = ground;
    const place = { url: new URL(child.url), databaseUrl, jwtSecret, serverPid: child.pid, connections };
    try {
      const warm = Math.ceil(options.checkouts * WARM_SHARE);
      await checkOut(entrant, { ...place, firstUser: FIRST_WARM_USER, users: warm, withCoupon: options.withCoupon });
      const asked = { firstUser: FIRST_USER, users: options.checkouts, withCoupon: options.withCoupon };
      const { history, clientCpuUs, cpuUs, fault } = await checkOut(entrant, { ...place, ...asked });
      const paid = history.outcomes.filter(isPaid);
      const lastMs = paid.reduce((last, { answeredMs }) => Math.max(last, answeredMs), 0);
      const { p50, p95, p99 } = percentilesOf(paid.map(({ answeredMs, beganMs }) => answeredMs - beganMs));
      return {
        entrant: entrant.id,
        withCoupon: options.withCoupon,
        connections,
        checkouts: paid.length,
        perSecond: (paid.length * 1_000) / lastMs,
        p50Ms: p50,
        p95Ms: p95,
        p99Ms: p99,
        clientCpuUs: Math.round(clientCpuUs / history.outcomes.length),
        cpuUs: cpuUs(paid.length),
        fault: fault ?? (entrant.stores ? await brokenAudits(databaseUrl) : undefined),
      };
    } finally {
      await child.stop();
    }
  });

interface Crowded {
  readonly url: URL;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  readonly serverPid: number;
  readonly connections: number;
  readonly firstUser: bigint;
  readonly users: number;
  readonly withCoupon: boolean;
}

interface CheckedOut {
  readonly history: History<ToldOrder>;
  readonly clientCpuUs: number;
  readonly cpuUs: (checkouts: number) => CpuUs;
  readonly fault: string | undefined;
}

async function checkOut(entrant: Entrant, spec: Crowded): Promise<CheckedOut> {
  const { url, users, firstUser } = spec;
  const nowMs = Date.now();
  const tokens = accessTokens(spec.jwtSecret, Date.now);
  if (!entrant.stores) {
    const tokenOf = customerTokens(tokens, nowMs);
    const tokenOfIndex = Array.from({ length: users }, (_, index) => tokenOf(String(firstUser + BigInt(index))));
    const crowd = checkoutCrowd({ url, productId: '1', firstUser, tokenOfIndex, coupons: new Map() });
    const sent = await timed(crowd, spec);
    return { ...sent, fault: unpaid(sent.history.outcomes, users) };
  }
  const couponUsers = spec.withCoupon ? users : 0;
  const { crowd, ...names } = await prepareCheckouts({ ...spec, tokens, nowMs, couponUsers });
  const sent = await timed(crowd, spec);
  const books = await readBooks(spec.databaseUrl, { ...names, users: [firstUser, firstUser + BigInt(users - 1)] });
  const checks = checkBooks(sent.history.outcomes, books, { users, couponUsers, charged: CHARGED, price: PRICE });
  const wrong = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
  return { ...sent, fault: wrong.length === 0 ? undefined : wrong.join(' | ') };
}

function unpaid(outcomes: readonly CheckoutOutcome[], users: number): string | undefined {
  const paid = outcomes.filter(isPaid).length;
  return paid === users ? undefined : `${paid} of ${users} answered PAID`;
}

async function timed(crowd: Crowd<ToldOrder>, { url, connections, serverPid, databaseUrl }: Crowded) {
  const before = process.cpuUsage();
  const send = () => sendAll(crowd, { urls: [url], connections });
  const { result: history, cpuUs } = await withCpu(serverPid, databaseUrl, send);
  const { user, system } = process.cpuUsage(before);
  return { history, cpuUs, clientCpuUs: user + system };
}
