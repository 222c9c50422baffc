// @module-tag settings
import { readdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/app/config.ts';
import { DATABASE_CHECKS } from '../../src/app/doctor/database-checks.ts';
import { runDoctor } from '../../src/app/doctor/run-doctor.ts';
import { loadSecrets } from '../../src/app/local/secrets.ts';
import { ALL } from '../../src/app/parts.ts';
import { startServer } from '../../src/app/server.ts';
import { secretChecksOf } from '../../src/app/shared-secrets.ts';
import { StartError } from '../../src/platform/kernel/start-error.ts';
import { configOf, SECRET, type Stage, stage } from '../attacks/support.ts';
import { openTemporaryDir } from '../support/open-temporary-dir.ts';

const OTHER = 'another-secret-another-secret-another';
let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

/** Starts a second process of the same database, and stops it when it has started. */
async function startSecond(changes: Partial<Config>): Promise<void> {
  const second = await startServer(configOf(on.database.programUrl, changes));
  await second.stop();
}
const leased = async (): Promise<number> =>
  (await on.query(`select 1 from platform.node_leases where holder is not null and expires_at > clock_timestamp()`))
    .rows.length;

describe('a second process of a database', () => {
  it('a second process with another JWT_SECRET does not start, and says what to do', async () => {
    const starting = startSecond({ jwtSecrets: [OTHER] });
    await expect(starting).rejects.toThrow(StartError);
    await expect(starting).rejects.toThrow(
      /^JWT_SECRET differs from that of another running process of this database: .+ Set the same JWT_SECRET for every process\. To replace it, start every process with "old,new"/m,
    );
    expect(await leased()).toBe(1);
  });

  it.each<readonly [string, Partial<Config>]>([
    ['REDEMPTION_SECRET', { redemptionSecrets: [OTHER] }],
    ['WEBHOOK_ENCRYPTION_SECRET', { webhooks: { allowedHosts: undefined, encryptionSecrets: [OTHER], keptDays: 7 } }],
  ])('a second process with another %s does not start', async (variable, changes) => {
    await expect(startSecond(changes)).rejects.toThrow(`${variable} differs`);
  });

  it.each<readonly [string, Partial<Config>]>([
    ['CURRENCY is USD here and KRW', { shop: { timeZone: 'Asia/Seoul', currency: 'USD' } }],
    ['PAYMENT_PROVIDER is none here and sandbox', { paymentProvider: 'none' }],
  ])('a second process does not start: %s', async (message, changes) => {
    const starting = startSecond(changes);
    await expect(starting).rejects.toThrow(StartError);
    await expect(starting).rejects.toThrow(`${message} in another running process of this database`);
    expect(await leased()).toBe(1);
  });

  it('a second process starts with settings that may be changed process by process', async () => {
    await startSecond({ pointEarnRateBp: 7n, jwtMaxLifetimeSeconds: 61 });
  });

  it('a second process starts with the old secret before the new one, and not with the new one first', async () => {
    await startSecond({ jwtSecrets: [SECRET, OTHER] });
    await expect(startSecond({ jwtSecrets: [OTHER, SECRET] })).rejects.toThrow('JWT_SECRET differs');
  });

  /** What `stampede doctor` finds beside the first process. It leases nothing. */
  async function doctorFinds(changes: Partial<Config>): Promise<readonly string[]> {
    const settings = configOf(on.database.programUrl, changes);
    const lines = await runDoctor({ settings, target: ALL, processes: 0 }, DATABASE_CHECKS);
    expect(await leased()).toBe(1);
    return lines.filter(({ check }) => check === 'other processes').map(({ verdict, text }) => `${verdict}: ${text}`);
  }

  it('doctor fails with what would keep a second process from its start, and warns of what it would log', async () => {
    expect(await doctorFinds({})).toEqual([expect.stringMatching(/^ok: no running process has other secrets/)]);
    expect(await doctorFinds({ jwtSecrets: [OTHER] })).toContainEqual(
      expect.stringMatching(/^fail: JWT_SECRET differs from that of another running process of this database/),
    );
    expect(await doctorFinds({ shop: { timeZone: 'UTC', currency: 'USD' }, pointEarnRateBp: 7n })).toEqual([
      expect.stringMatching(/^fail: CURRENCY is USD here and KRW in another running process/),
      expect.stringMatching(/^fail: STAMPEDE_TIME_ZONE is UTC here and Asia\/Seoul in another running process/),
      expect.stringMatching(/^warn: POINT_EARN_RATE_BP is 7 here and 0 in another running process/),
    ]);
  });

  it('doctor compares the secrets that serve would read or generate in the data directory', async () => {
    const dataDir = openTemporaryDir('stampede-doctor-');
    expect(await doctorFinds({ jwtSecrets: [], dataDir })).toContainEqual(
      expect.stringMatching(/^fail: JWT_SECRET differs from that of another running process of this database/),
    );
    expect(await readdir(dataDir)).toEqual([]);
    loadSecrets(dataDir, [SECRET]);
    expect(await doctorFinds({ jwtSecrets: [], dataDir })).toEqual([expect.stringMatching(/^ok: /)]);
    await rm(dataDir, { recursive: true });
  });

  it('a process that was killed counts until its lease ends', async () => {
    const killed = (secondsLeft: number) =>
      on.query(
        `update platform.node_leases set holder = gen_random_uuid(), secret_checks = $1,
           expires_at = clock_timestamp() + make_interval(secs => $2) where node = 900`,
        [secretChecksOf({ JWT_SECRET: [OTHER, SECRET] }), secondsLeft],
      );
    await killed(600);
    await expect(startSecond({})).rejects.toThrow('JWT_SECRET differs');
    await startSecond({ jwtSecrets: [SECRET, OTHER] });
    await killed(-1);
    await startSecond({});
  });

  it('the database has no secret', async () => {
    const { rows } = await on.query(
      `select secret_checks as checks from platform.node_leases where secret_checks is not null`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(SECRET);
  });
});
