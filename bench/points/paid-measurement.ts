import { setTimeout as delay } from 'node:timers/promises';
import { percentilesOf } from '../../src/commands/rush/figures.ts';
import type { Outcome } from '../../src/commands/rush/history.ts';
import type { LoadProfile } from '../../src/commands/rush/load-profile.ts';
import { bytesOf, customerTokens, packRequests, postText } from '../../src/commands/rush/requests.ts';
import { fieldsOf } from '../../src/commands/rush/response-body.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { brokenAudits } from '../orders/broken-audits.ts';
import type { Child } from '../support/child.ts';
import { asAdmin } from '../support/postgres.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';

export interface PaidMeasurement {
  readonly charges: number;
  /** Charges opened and paid on their page, from the first request to the last response. */
  readonly paidPerSecond: number;
  /** Charges whose points were credited, from the first request to the last credit. The sandbox delivers its reports by HTTP meanwhile. */
  readonly creditedPerSecond: number;
  /** From sending the charge until the response of the page. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** A charge. */
  readonly cpuUs: CpuUs;
  /** The fault of the measurement, or undefined. */
  readonly fault: string | undefined;
}

interface PaidOptions {
  readonly system: Child;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  readonly connections: number;
  /** One for each customer. */
  readonly charges: number;
  readonly firstUser: bigint;
}

/** What the response to a charge says of its page. */
interface Opened {
  readonly page: string;
}

const AMOUNT = 1_000;
const CREDIT_POLL_MS = 20;
const CREDIT_MAX_MS = 120_000;

/** Customers who charge points, and pay on the page of the sandbox as soon as they have its address. */
export async function measurePaidCharges(options: PaidOptions): Promise<PaidMeasurement> {
  const { system, databaseUrl, connections, charges } = options;
  const url = new URL(system.url);
  const profile = paidProfile(url, options);
  const { result, cpuUs } = await withCpu(system.pid, databaseUrl, async () => {
    const history = await sendAll(profile, { urls: [url], connections });
    const beganAt = performance.now() - lastOf(history.outcomes);
    return { history, creditedMs: (await credited(options)) - beganAt };
  });
  const paid = result.history.outcomes.filter(isPaid);
  const { p50, p95, p99 } = percentilesOf(paid.map(({ respondedMs, beganMs }) => respondedMs - beganMs));
  return {
    charges,
    paidPerSecond: (paid.length * 1_000) / lastOf(paid),
    creditedPerSecond: (charges * 1_000) / result.creditedMs,
    p50Ms: p50,
    p95Ms: p95,
    p99Ms: p99,
    cpuUs: cpuUs(charges),
    fault:
      paid.length === charges
        ? ((await wrongBalances(options)) ?? (await brokenAudits(databaseUrl)))
        : `${paid.length} of ${charges} charges were paid`,
  };
}

const isPaid = ({ step, status }: Outcome<Opened>): boolean => step === 1 && status === 200;
const lastOf = (outcomes: readonly Outcome<Opened>[]): number =>
  outcomes.reduce((last, { respondedMs }) => Math.max(last, respondedMs), 0);

function paidProfile(url: URL, { jwtSecret, charges, firstUser }: PaidOptions): LoadProfile<Opened> {
  const tokenOf = customerTokens(accessTokens(jwtSecret, Date.now), Date.now());
  const user = (client: number): string => String(firstUser + BigInt(client));
  const tokens = Array.from({ length: charges }, (_, client) => tokenOf(user(client)));
  const token = (client: number): string => tokens[client] ?? '';
  return {
    clients: charges,
    user,
    request: packRequests(charges, (client) =>
      postText(url, {
        path: '/api/v1/points/charge',
        token: token(client),
        key: 'bench',
        body: `{"amount":${AMOUNT}}`,
      }),
    ),
    read(status, body) {
      const { providerUrl } = status === 201 ? fieldsOf(body) : {};
      return typeof providerUrl === 'string' ? { page: new URL(providerUrl).pathname } : undefined;
    },
    follow({ step, client, data }) {
      if (step > 0 || data === undefined) return undefined;
      return bytesOf(postText(url, { path: data.page, token: token(client), body: '{"outcome":"APPROVE"}' }));
    },
  };
}

/** Waits until no charge is open, and returns the time. */
async function credited({ databaseUrl }: PaidOptions): Promise<number> {
  return await asAdmin(databaseUrl, async (client) => {
    const until = performance.now() + CREDIT_MAX_MS;
    while (performance.now() < until) {
      const open = await client.query(`select from point.charges where status = 'PENDING' limit 1`);
      if (open.rowCount === 0) return performance.now();
      await delay(CREDIT_POLL_MS);
    }
    throw new Error(`charges were not credited within ${CREDIT_MAX_MS} ms`);
  });
}

async function wrongBalances({ databaseUrl, charges, firstUser }: PaidOptions): Promise<string | undefined> {
  const { rows } = await asAdmin(databaseUrl, (client) =>
    client.query<{ users: number }>(
      'select count(*)::int as users from point.accounts where balance = $1 and user_id >= $2 and user_id < $3',
      [AMOUNT, firstUser, firstUser + BigInt(charges)],
    ),
  );
  return rows[0]?.users === charges ? undefined : `${rows[0]?.users} of ${charges} balances are right`;
}
