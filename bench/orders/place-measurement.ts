import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asAdmin } from '../support/postgres.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';
import { runWrk, type WrkResult } from '../support/wrk.ts';
import { brokenAudits } from './broken-audits.ts';
import type { Candidate } from './candidates.ts';
import type { Fixture } from './fixture.ts';

export interface PlaceMeasurement extends WrkResult {
  readonly candidate: Candidate['id'];
  readonly connections: number;
  /** An order. */
  readonly cpuUs: CpuUs;
  /** The fault of the measurement, or undefined. */
  readonly fault: string | undefined;
}

interface PlaceOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly poolMax: number;
}

const SALE = '2';
/** Enough units for every user. */
const UNITS = 100_000_000;
const LIMIT_PER_USER = 1_000;
/** Requests that were pending when wrk's time was up are committed a moment later. */
const SETTLE_MS = 1_000;

/** Orders of one unit each at one time sale, each connection with one request at a time. */
export const measurePlacing = (
  candidate: Candidate,
  fixture: Fixture,
  options: PlaceOptions,
): Promise<PlaceMeasurement> =>
  fixture.onDatabase(async (databaseUrl) => {
    await openSale(databaseUrl);
    const child = await candidate.start(fixture, databaseUrl, options.poolMax);
    const connections = Math.min(options.connections, candidate.connectionsMax ?? options.connections);
    const send = (prefix: string, seconds: number): Promise<WrkResult> => {
      const args = [`${fixture.tokens}.1`, SALE, prefix];
      return runWrk({ url: child.url, connections, seconds, script: join(import.meta.dirname, 'load.lua'), args });
    };
    const load = async () => {
      const warm = await send('w', options.warmSeconds);
      await delay(SETTLE_MS);
      const timed = await withCpu(child.pid, databaseUrl, () => send('k', options.seconds));
      await delay(SETTLE_MS);
      return { warm, ...timed };
    };
    const { warm, result, cpuUs } = await load().finally(() => child.stop());
    const answered = warm.requests + result.requests;
    const fault =
      result.faults > 0 || result.requests === 0
        ? `${result.faults} of ${result.requests} requests were not answered 201`
        : candidate.stores
          ? await storedFault(databaseUrl, answered - warm.faults, 2 * connections, candidate.id !== 'transaction')
          : undefined;
    return { candidate: candidate.id, connections, ...result, cpuUs: cpuUs(result.requests), fault };
  }, candidate.main);

/** A product all of whose units are in one time sale, which is on. */
async function openSale(databaseUrl: string): Promise<void> {
  await asAdmin(databaseUrl, async (client) => {
    await client.query(`insert into orders.products (id, name, description, price, supplied, stock, created_by, created_at, updated_at)
      values (1, 'A product', '', 12000, ${UNITS}, 0, 1, now(), now())`);
    await client.query(`insert into orders.time_sales (id, product_id, sale_price, quantity, stock, limit_per_user, starts_at,
      ends_at, announced, created_by, created_at) values (${SALE}, 1, 9900, ${UNITS}, ${UNITS}, ${LIMIT_PER_USER},
      now() - interval '1 minute', now() + interval '1 day', 'STARTED', 1, now())`);
  });
}

/** Up to `unseenMax` orders may be stored whose response came after the load generator's time was up. */
async function storedFault(
  databaseUrl: string,
  answered: number,
  unseenMax: number,
  audits: boolean,
): Promise<string | undefined> {
  const found = await asAdmin(databaseUrl, (client) =>
    client.query<{ orders: number; lines: number; bought: number; reserved: number }>(
      `select (select count(*)::int from orders.orders where status = 'RESERVED') as orders,
              (select count(*)::int from orders.order_lines where time_sale_id = ${SALE} and quantity = 1) as lines,
              (select coalesce(sum(quantity), 0)::int from orders.time_sale_buyers) as bought,
              (select reserved from orders.time_sales where id = ${SALE}) as reserved`,
    ),
  );
  const { orders = Number.NaN, ...others } = found.rows[0] ?? {};
  if (!Object.values(others).every((count) => count === orders)) return `stored: ${JSON.stringify(found.rows[0])}`;
  const unseen = orders - answered;
  if (!(unseen >= 0 && unseen <= unseenMax)) return `${unseen} more orders stored than answered`;
  return audits ? brokenAudits(databaseUrl) : undefined;
}
