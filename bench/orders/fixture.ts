import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { dropDatabase } from '../../test/support/postgres-admin.ts';
import { writeTokens } from '../issue/tokens.ts';
import { closeOnSignal, stopChildren } from '../support/child.ts';
import { asAdmin, openPostgres, withDatabase } from '../support/postgres.ts';
import { migrateSystem } from '../support/system.ts';

/** What every measurement uses. */
export interface Fixture {
  readonly workDir: string;
  readonly jwtSecret: string;
  readonly postgresUrl: string;
  /** Path of a file of tokens. */
  readonly tokens: string;
  /** Runs `work` on a database of its own, dropped afterwards. `main`: the bundle that migrates it, by default this checkout's. */
  onDatabase<Result>(work: (url: string) => Promise<Result>, main?: string): Promise<Result>;
  close(): Promise<void>;
}

const FIRST_USER = 1_000n;

export async function prepareFixture(users: number): Promise<Fixture> {
  const workDir = openTemporaryDir('stampede-bench-');
  const jwtSecret = randomBytes(36).toString('base64url');
  const postgres = await openPostgres(workDir);
  const close = async (): Promise<void> => {
    await stopChildren();
    await postgres.stop();
    await rm(workDir, { recursive: true, force: true });
  };
  closeOnSignal(close);
  let databases = 0;
  return {
    workDir,
    jwtSecret,
    postgresUrl: postgres.url,
    tokens: await writeTokens(join(workDir, 'users'), jwtSecret, FIRST_USER, users),
    async onDatabase(work, main) {
      const name = `bench_orders_${process.pid}_${++databases}`;
      const url = withDatabase(postgres.url, name);
      await asAdmin(postgres.url, async (client) => {
        // A checkpoint here, so that the next candidate does not pay for the WAL of this one.
        await client.query('checkpoint');
        await client.query(`create database ${name}`);
      });
      try {
        await migrateSystem(url, main);
        return await work(url);
      } finally {
        await dropDatabase(postgres.url, name);
      }
    },
    close,
  };
}
