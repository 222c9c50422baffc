import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { dropDatabase } from '../../test/support/postgres-admin.ts';
import { type Child, stopChildren } from '../support/child.ts';
import { asAdmin, openPostgres, withDatabase } from '../support/postgres.ts';
import { type LoadGenerator, loadGenerator } from './load.ts';
import { redisVersion, startRedis } from './redis.ts';
import { writeTokens } from './tokens.ts';

/** What every measurement uses: one PostgreSQL, one secret, the same tokens, one load generator. */
export interface Fixture {
  readonly workDir: string;
  readonly jwtSecret: string;
  readonly load: LoadGenerator;
  /** Tokens of users who never repeat within a measurement. */
  readonly tokens: string;
  /** Other users, for the warm-up. */
  readonly warmTokens: string;
  /** The bundle of another build to compare with. */
  readonly otherMain: string | undefined;
  /** Undefined when no redis-server is installed. */
  readonly redis: Child | undefined;
  /** A new, empty database on the one PostgreSQL; dropped at the end. */
  createDatabase(name: string): Promise<string>;
  close(): Promise<void>;
}

export const FIRST_USER = 1_000_000_000_000n;
export const FIRST_WARM_USER = 2_000_000_000_000n;

/** Everything lies in a temporary directory. `DATABASE_URL` is used when set, else an embedded PostgreSQL is started there. */
export async function prepareFixture(tokenCount: number, warmCount: number, otherMain?: string): Promise<Fixture> {
  const workDir = openTemporaryDir('stampede-bench-');
  const jwtSecret = randomBytes(36).toString('base64url');
  const postgres = await openPostgres(workDir);
  const redis = redisVersion() === undefined ? undefined : await startRedis(workDir);
  const databases: string[] = [];
  return {
    workDir,
    jwtSecret,
    otherMain,
    load: loadGenerator(workDir),
    tokens: await writeTokens(join(workDir, 'tokens'), jwtSecret, FIRST_USER, tokenCount),
    warmTokens: await writeTokens(join(workDir, 'warm-tokens'), jwtSecret, FIRST_WARM_USER, warmCount),
    redis,
    async createDatabase(name) {
      const unique = `bench_${name}_${process.pid}`;
      await asAdmin(postgres.url, (client) => client.query(`create database ${unique}`));
      databases.push(unique);
      return withDatabase(postgres.url, unique);
    },
    async close() {
      await stopChildren();
      for (const name of databases) {
        await dropDatabase(postgres.url, name);
      }
      await postgres.stop();
      await rm(workDir, { recursive: true, force: true });
    },
  };
}
