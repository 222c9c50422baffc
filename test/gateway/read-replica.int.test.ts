// A server with a read replica that streams from its PostgreSQL: what it reads where, and what it shows while the replica is behind.
// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onReplicas } from '../../src/app/audits/audited-replicas.ts';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { oneDatabase } from '../../src/app/databases.ts';
import { migrationFolders } from '../../src/app/migrations.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { configOf, openPolicy, type Stage, stage, testUsers, until } from '../attacks/support.ts';
import { canFailOver } from '../support/installed-postgres.ts';
import { type ReplicatedPostgres, replicatedPostgres } from '../support/replicated-postgres.ts';

describe.skipIf(!canFailOver())('a server with a read replica', () => {
  const testUser = testUsers();
  let postgres: ReplicatedPostgres;
  let on: Stage;
  beforeAll(async () => {
    postgres = await replicatedPostgres({ synchronous: false });
    await migrate(postgres.primaryUrl, migrationFolders());
    on = await stage({
      databaseUrl: postgres.primaryUrl,
      ways: { READ_DATABASE_URL: postgres.standbyUrl, DATABASE_POOLER_URL: undefined },
    });
    await until(isReplicaUsed);
  });
  afterAll(async () => {
    await on?.stop();
    await postgres?.stop();
  });

  const isReplicaUsed = async (): Promise<boolean> =>
    (await on.call('GET', '/readyz')).body.dependencies.replica === 'up';

  async function readsBy(servedBy: 'replica' | 'primary'): Promise<number> {
    const { text } = await on.call('GET', '/metrics');
    return Number(new RegExp(`stampede_replica_reads_total{served_by="${servedBy}"} (\\d+)`).exec(text)?.[1]);
  }

  /** A scheduled task may read the replica meanwhile, so the request is made again until nothing else has. */
  const expectNoReplica = (request: () => Promise<unknown>) =>
    until(async () => {
      const before = await readsBy('replica');
      await request();
      return (await readsBy('replica')) === before;
    });

  const admin = () => on.token(testUser(1), 'ADMIN');
  const PUBLIC_LISTS = ['coupon-policies', 'products', 'products/popular', 'time-sales', 'stores'];

  it.each(PUBLIC_LISTS)('the public list of %s is read on the replica for customers', async (list) => {
    const before = await readsBy('replica');
    await on.call('GET', `/api/v1/${list}`, { token: on.token(testUser(2)) });
    await on.call('GET', `/api/v1/${list}`);
    expect(await readsBy('replica')).toBeGreaterThan(before);
  });

  it.each(['coupon-policies', 'products', 'time-sales', 'stores'])(
    'the list of %s is read on the primary for those who change it',
    async (list) => {
      await expectNoReplica(() => on.call('GET', `/api/v1/${list}`, { token: admin() }));
    },
  );

  it('statistics are read on the replica', async () => {
    const policyId = await openPolicy(on);
    const before = await readsBy('replica');
    await on.call('GET', `/api/v1/coupon-policies/${policyId}/statistics`, { token: admin() });
    expect(await readsBy('replica')).toBeGreaterThan(before);
  });

  it('the coupons of a user are read on the primary', async () => {
    const token = on.token(testUser(3));
    await expectNoReplica(async () => {
      expect((await on.call('GET', `/api/v1/coupons/users/${testUser(3)}`, { token })).status).toBe(200);
    });
  });

  it('an export contains the coupon that was issued just before it, and is read on the replica', async () => {
    const policyId = await openPolicy(on);
    const before = await readsBy('replica');
    const { couponId } = await issue(policyId, testUser(4));
    expect(await exportOf(policyId)).toContain(couponId);
    expect(await readsBy('replica')).toBeGreaterThan(before);
  });

  it('an audit reads the replica', async () => {
    const databases = oneDatabase(postgres.primaryUrl);
    const audited: string[] = [];
    const report = await onReplicas(
      databases,
      {
        ...configOf(postgres.primaryUrl),
        ways: { READ_DATABASE_URL: postgres.standbyUrl, DATABASE_POOLER_URL: undefined },
      },
      (from, prove) => {
        audited.push(from.coupon);
        return runAudits(from, {}, { prove });
      },
      () => {},
    );
    expect([report.ok, audited]).toEqual([true, [`${postgres.standbyUrl}?target_session_attrs=any`]]);
  });

  it('an audit reads the primary when a session of it on the replica lacks what was committed', async () => {
    await postgres.pauseReplay();
    await openPolicy(on);
    const audited: string[] = [];
    const reasons: string[] = [];
    const report = await onReplicas(
      oneDatabase(postgres.primaryUrl),
      {
        ...configOf(postgres.primaryUrl),
        ways: { READ_DATABASE_URL: postgres.standbyUrl, DATABASE_POOLER_URL: undefined },
      },
      (from, prove) => {
        audited.push(from.coupon);
        return runAudits(from, {}, { prove });
      },
      (reason) => reasons.push(reason),
    );
    await postgres.resumeReplay();
    await until(isReplicaUsed);
    expect(reasons).toEqual(['it is too far behind']);
    expect([report.ok, audited]).toEqual([
      true,
      [`${postgres.standbyUrl}?target_session_attrs=any`, postgres.primaryUrl],
    ]);
  });

  it('an audit that fails on the replica is repeated on the primary', async () => {
    const audited: string[] = [];
    await onReplicas(
      oneDatabase(postgres.primaryUrl),
      {
        ...configOf(postgres.primaryUrl),
        ways: { READ_DATABASE_URL: postgres.standbyUrl, DATABASE_POOLER_URL: undefined },
      },
      async (from) => {
        audited.push(from.coupon);
        if (audited.length === 1) throw new Error('canceling statement due to conflict with recovery');
      },
      () => {},
    );
    expect(audited).toEqual([`${postgres.standbyUrl}?target_session_attrs=any`, postgres.primaryUrl]);
  });

  it('a replica that stops applying is shown by /readyz, hides nothing from managers and exports, and nothing from customers after 5 s', async () => {
    await postgres.pauseReplay();
    const policyId = await openPolicy(on, { name: 'Opened meanwhile' });
    const { couponId } = await issue(policyId, testUser(5));
    expect(await listed(admin())).toContain('Opened meanwhile');
    expect(await listed(on.token(testUser(5)))).not.toContain('Opened meanwhile');
    expect(await exportOf(policyId)).toContain(couponId);
    await until(async () => !(await isReplicaUsed()));
    expect(await listed(on.token(testUser(5)))).toContain('Opened meanwhile');
    expect((await on.call('GET', '/readyz')).status).toBe(200);
    await postgres.resumeReplay();
    await until(isReplicaUsed);
    const before = await readsBy('replica');
    expect(await listed(on.token(testUser(5)))).toContain('Opened meanwhile');
    expect(await readsBy('replica')).toBe(before + 1);
  });

  it('every list is served while the replica is away', async () => {
    postgres.freezeStandby();
    for (const list of PUBLIC_LISTS) expect((await on.call('GET', `/api/v1/${list}`)).status).toBe(200);
    postgres.thawStandby();
    await until(isReplicaUsed);
  });

  const listed = async (token: string): Promise<string> =>
    (await on.call('GET', '/api/v1/coupon-policies', { token })).text;
  const exportOf = async (policyId: string): Promise<string> =>
    (
      await on.call('GET', `/api/v1/coupon-policies/${policyId}/coupons`, {
        token: admin(),
        headers: { accept: 'text/csv' },
      })
    ).text;
  async function issue(policyId: string, userId: string): Promise<{ readonly couponId: string }> {
    const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) });
    expect(issued.status).toBe(201);
    return issued.body;
  }
});
