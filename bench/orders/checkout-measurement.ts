import { oneDatabase } from '../../src/app/databases.ts';
import { type CheckoutOutcome, checkoutProfile, isPaid } from '../../src/commands/rush/checkout/checkout-profile.ts';
import { checkBooks } from '../../src/commands/rush/checkout/checks.ts';
import { CHARGED, prepareCheckouts } from '../../src/commands/rush/checkout/prepare-checkouts.ts';
import { readBooks } from '../../src/commands/rush/checkout/stored-books.ts';
import { PRICE } from '../../src/commands/rush/create-product.ts';
import { percentilesOf } from '../../src/commands/rush/figures.ts';
import type { History } from '../../src/commands/rush/history.ts';
import type { LoadProfile } from '../../src/commands/rush/load-profile.ts';
import type { OrderData } from '../../src/commands/rush/order-response.ts';
import { customerTokens } from '../../src/commands/rush/requests.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import type { Child } from '../support/child.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';
import { brokenAudits } from './broken-audits.ts';
import type { Candidate } from './candidates.ts';
import type { Fixture } from './fixture.ts';

export interface CheckoutMeasurement {
  readonly candidate: string;
  /** Every user uses a coupon and points in addition to the payment. */
  readonly withCoupon: boolean;
  readonly connections: number;
  readonly checkouts: number;
  readonly perSecond: number;
  /** From sending the order until the response with status PAID. */
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

/** What is needed of a fixture. */
type CheckoutFixture = Pick<Fixture, 'workDir' | 'jwtSecret' | 'onDatabase'>;

/** What is needed of a candidate. */
export interface CheckoutCandidate<In = Fixture> extends Pick<Candidate, 'connectionsMax' | 'stores' | 'main'> {
  readonly id: string;
  start(fixture: In, databaseUrl: string, poolMax: number): Promise<Child>;
}

/** Users who order, and pay with points as soon as the order is acknowledged. */
export const measureCheckouts = <In extends CheckoutFixture>(
  candidate: CheckoutCandidate<In>,
  fixture: In,
  options: CheckoutOptions,
): Promise<CheckoutMeasurement> =>
  fixture.onDatabase(async (databaseUrl) => {
    const connections = Math.min(options.connections, candidate.connectionsMax ?? options.connections);
    const child = await candidate.start(fixture, databaseUrl, 0);
    const { jwtSecret } = fixture;
    const place = { url: new URL(child.url), databaseUrl, jwtSecret, pids: child.parts ?? child.pid, connections };
    try {
      const warm = Math.ceil(options.checkouts * WARM_SHARE);
      await checkOut(candidate, { ...place, firstUser: FIRST_WARM_USER, users: warm, withCoupon: options.withCoupon });
      const selected = { firstUser: FIRST_USER, users: options.checkouts, withCoupon: options.withCoupon };
      const { history, clientCpuUs, cpuUs, fault } = await checkOut(candidate, { ...place, ...selected });
      const paid = history.outcomes.filter(isPaid);
      const lastMs = paid.reduce((last, { respondedMs }) => Math.max(last, respondedMs), 0);
      const { p50, p95, p99 } = percentilesOf(paid.map(({ respondedMs, beganMs }) => respondedMs - beganMs));
      return {
        candidate: candidate.id,
        withCoupon: options.withCoupon,
        connections,
        checkouts: paid.length,
        perSecond: (paid.length * 1_000) / lastMs,
        p50Ms: p50,
        p95Ms: p95,
        p99Ms: p99,
        clientCpuUs: Math.round(clientCpuUs / history.outcomes.length),
        cpuUs: cpuUs(paid.length),
        fault: fault ?? (candidate.stores ? await brokenAudits(databaseUrl) : undefined),
      };
    } finally {
      await child.stop();
    }
  }, candidate.main);

interface CheckoutLoad {
  readonly url: URL;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  readonly pids: number | Readonly<Record<string, number>>;
  readonly connections: number;
  readonly firstUser: bigint;
  readonly users: number;
  readonly withCoupon: boolean;
}

interface CheckedOut {
  readonly history: History<OrderData>;
  readonly clientCpuUs: number;
  readonly cpuUs: (checkouts: number) => CpuUs;
  readonly fault: string | undefined;
}

async function checkOut(candidate: Pick<Candidate, 'stores'>, spec: CheckoutLoad): Promise<CheckedOut> {
  const { url, users, firstUser } = spec;
  const nowMs = Date.now();
  const tokens = accessTokens(spec.jwtSecret, Date.now);
  if (!candidate.stores) {
    const tokenOf = customerTokens(tokens, nowMs);
    const tokenOfIndex = Array.from({ length: users }, (_, index) => tokenOf(String(firstUser + BigInt(index))));
    const profile = checkoutProfile({ url, productId: '1', firstUser, tokenOfIndex, coupons: new Map() });
    const sent = await timed(profile, spec);
    return { ...sent, fault: unpaid(sent.history.outcomes, users) };
  }
  const couponUsers = spec.withCoupon ? users : 0;
  const { profile, ...names } = await prepareCheckouts({ ...spec, tokens, nowMs, couponUsers });
  const sent = await timed(profile, spec);
  const stored = { databases: oneDatabase(spec.databaseUrl), shards: { own: undefined, of: {} } };
  const books = await readBooks(stored, { ...names, users: [firstUser, firstUser + BigInt(users - 1)] });
  const checks = checkBooks(sent.history.outcomes, books, { users, couponUsers, charged: CHARGED, price: PRICE });
  const wrong = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
  return { ...sent, fault: wrong.length === 0 ? undefined : wrong.join(' | ') };
}

function unpaid(outcomes: readonly CheckoutOutcome[], users: number): string | undefined {
  const paid = outcomes.filter(isPaid).length;
  return paid === users ? undefined : `${paid} of ${users} answered PAID`;
}

async function timed(profile: LoadProfile<OrderData>, { url, connections, pids, databaseUrl }: CheckoutLoad) {
  const before = process.cpuUsage();
  const send = () => sendAll(profile, { urls: [url], connections });
  const { result: history, cpuUs } = await withCpu(pids, databaseUrl, send);
  const { user, system } = process.cpuUsage(before);
  return { history, cpuUs, clientCpuUs: user + system };
}
