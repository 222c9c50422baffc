import { NoPooler, type Pooler, type PoolerOptions, startPooler } from '../../tools/pgbouncer/start.ts';

/**
 * A pgbouncer of the caller's own before the PostgreSQL of this URL. Undefined: there is none here, the tests with a pooler are left out, and
 * a line says so; with REQUIRE_POOLER=1 that is a failure.
 */
export async function testPooler(databaseUrl: string, options?: PoolerOptions): Promise<Pooler | undefined> {
  try {
    return await startPooler(databaseUrl, options);
  } catch (error) {
    if (!(error instanceof NoPooler) || process.env['REQUIRE_POOLER'] === '1') throw error;
    process.stderr.write(`The tests with a pooler are left out: ${error.message}.\n`);
    return undefined;
  }
}
