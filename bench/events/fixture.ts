import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { startKafka } from '../../tools/kafka/start.ts';
import { asAdmin, openPostgres, withDatabase } from '../support/postgres.ts';
import { migrateSystem } from '../support/system.ts';
import { reserveAll } from './reserved.ts';

/** What every measurement stands on: one PostgreSQL, one broker, and a database of reserved coupons that each measurement copies. */
export interface Fixture {
  readonly workDir: string;
  readonly brokers: string;
  readonly jwtSecret: string;
  /** A copy of the prepared database; its pages are on disk before anybody is measured. Gone with the rest. */
  database(name: string): Promise<string>;
  close(): Promise<void>;
}

const TEMPLATE = 'bench_reserved';

/** KAFKA_BROKERS is used when set, else a broker is started, as tools/kafka does. */
export async function prepareFixture(coupons: number): Promise<Fixture> {
  const given = process.env['KAFKA_BROKERS'];
  // First, because a machine without one has nothing to measure.
  const kafka = given ? { brokers: given, stop: async () => {} } : await startKafka();
  const workDir = openTemporaryDir('stampede-bench-');
  const postgres = await openPostgres(workDir);
  const databaseUrl = (name: string): string => withDatabase(postgres.url, name);
  const admin = (statement: string) => asAdmin(postgres.url, (client) => client.query(statement));
  await admin(`create database ${TEMPLATE}`);
  await migrateSystem(databaseUrl(TEMPLATE));
  await asAdmin(databaseUrl(TEMPLATE), (client) => reserveAll(client, coupons));
  return {
    workDir,
    brokers: kafka.brokers,
    jwtSecret: randomBytes(36).toString('base64url'),
    async database(name) {
      await admin(`create database ${name} template ${TEMPLATE}`);
      await admin('checkpoint');
      return databaseUrl(name);
    },
    async close() {
      await kafka.stop();
      await postgres.stop();
      await rm(workDir, { recursive: true, force: true });
    },
  };
}
