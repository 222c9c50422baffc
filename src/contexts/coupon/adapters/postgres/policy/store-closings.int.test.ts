import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../../../platform/postgres/database.ts';
import { onStoreClosed } from '../../../application/policy/on-store-closed.ts';
import { policyEvents, statusEvents } from '../../../application/policy/policy-events.ts';
import { policy, terms } from '../../../test/policies.ts';
import { postgresPolicyStore } from './policy-store.ts';
import { postgresStoreClosings } from './store-closings.ts';

let database: Database;
let url: string;
let close: () => Promise<void>;
let deps: Parameters<typeof postgresStoreClosings>[0];

beforeEach(async () => {
  const home = await testDatabase();
  url = home.url;
  database = openDatabase({ url: home.programUrl, onError: () => {} });
  deps = {
    database,
    nextId: countingIds(1_000n),
    eventsOf: (of, status) => statusEvents(of, [status]),
    onEvents: () => {},
  };
  close = async () => {
    await database.close();
    await home.drop();
  };
});
afterEach(() => close());

const policies = () => postgresPolicyStore({ ...deps, eventsOf: policyEvents });
/** A policy of store 5, which was OPEN at this version. */
const bound = (id: bigint, storeVersion: number, storeId = 5n) =>
  policy(id, { terms: terms({ storeId }), storeVersion });
const statuses = async (): Promise<readonly string[]> => {
  const text = 'select status from coupon.coupon_policies order by id';
  return (await database.pool.query<{ status: string }>(text)).rows.map(({ status }) => status);
};
const closed = (version: number) => {
  const data = { storeId: '5', ownerId: '1', name: 'Sol', category: 'CAFE', version, reason: 'CLOSED' } as const;
  const metadata = { correlationId: '1', source: 'store', version: '1.0' };
  const event = { eventId: `1-${version}:0`, eventType: 'STORE_CLOSED', timestamp: '', data, metadata };
  return { topic: 'store.closed', key: '5', event } as const;
};
/** Policies like the first one: more than two transactions end. */
const COPIES = `
  insert into coupon.coupon_policies
  select (jsonb_populate_record(first, jsonb_build_object('id', n))).*
  from coupon.coupon_policies as first, generate_series(2, 451) as n where first.id = 1`;
const invalidated: bigint[] = [];
const handle = (...versions: readonly number[]) =>
  onStoreClosed(postgresStoreClosings(deps), { invalidate: (id) => void invalidated.push(id) })(versions.map(closed));

describe('the closing of a store', () => {
  it('a closing ends the policies of its store, with their records and events, and invalidates the refusal cache', async () => {
    for (const each of [bound(1n, 1), bound(2n, 1), bound(3n, 1, 6n), policy(4n)]) await policies().insert(each);
    await handle(2);
    expect(await statuses()).toEqual(['ENDED', 'ENDED', 'ACTIVE', 'ACTIVE']);
    expect(invalidated).toEqual([1n, 2n]);
    const records = await database.pool.query('select policy_id, changed_by, reason from coupon.coupon_policy_changes');
    expect(records.rows).toMatchObject([
      { policy_id: 1n, changed_by: 'store', reason: 'STORE_CLOSED' },
      { policy_id: 2n, changed_by: 'store', reason: 'STORE_CLOSED' },
    ]);
    const { rows } = await database.pool.query<{ payload: string }>('select payload from platform.outbox');
    expect(rows.filter(({ payload }) => payload.includes('coupon-policy.ended')).length).toBe(1);
  });

  it('a closing ends every policy of its store, also when they are more than one transaction ends', async () => {
    await policies().insert(bound(1n, 1));
    await database.pool.query(COPIES);
    await handle(2);
    expect(new Set(await statuses())).toEqual(new Set(['ENDED']));
    expect((await statuses()).length).toBe(451);
  });

  it('a repeated or late event of a closing does not end policies that were bound after the store was opened again', async () => {
    await handle(2);
    await policies().insert(bound(1n, 3));
    await handle(2, 2);
    expect(await statuses()).toEqual(['ACTIVE']);
    await handle(4, 2);
    expect(await statuses()).toEqual(['ENDED']);
    expect(await policies().insert(bound(2n, 3))).toBe('store closed');
  });

  it('a policy whose store was closed after its check is not stored, and a policy is not moved there', async () => {
    await policies().insert(policy(9n));
    await handle(2);
    expect(await policies().insert(bound(1n, 1))).toBe('store closed');
    const note = { kind: 'TERMS', by: '1', reason: '' } as const;
    const moved = await policies().change(9n, note, (before) => ({ ...bound(9n, 1), version: before.version + 1 }));
    expect(moved).toBe('store closed');
    expect(await statuses()).toEqual(['ACTIVE']);
    expect(await policies().insert(bound(1n, 3))).toMatchObject({ id: 1n });
  });

  it('a closing waits for a policy that is being stored, and then ends it', async () => {
    // Holds the insertion open after it took the lock of its store.
    const blocker = new pg.Client({ connectionString: url });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('lock table coupon.coupon_policies in exclusive mode');
    const inserting = policies().insert(bound(1n, 1));
    await untilWaiting(1);
    const closing = handle(2);
    await untilWaiting(2);
    await blocker.query('commit');
    await Promise.all([inserting, closing]);
    await blocker.end();
    expect(await statuses()).toEqual(['ENDED']);
  });

  it('a policy that was bound by a node without versions is ended, too', async () => {
    await policies().insert(bound(1n, 1));
    await database.pool.query('update coupon.coupon_policies set store_version = null');
    await handle(1);
    expect(await statuses()).toEqual(['ENDED']);
  });
});

/** On a connection of its own: within a transaction the view does not change. */
async function untilWaiting(sessions: number): Promise<void> {
  const text = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await database.pool.query<{ n: number }>(text)).rows[0]?.n !== sessions) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
