import { findRedis, NoRedis } from '../../tools/redis/start.ts';

/**
 * Can tests start a Redis? Otherwise they are left out, and a line says so; with REQUIRE_REDIS=1 that is a failure. Ask at the top of a test file, for
 * `describe.skipIf`.
 */
export async function hasRedis(): Promise<boolean> {
  try {
    await findRedis();
    return true;
  } catch (error) {
    if (!(error instanceof NoRedis) || process.env['REQUIRE_REDIS'] === '1') throw error;
    process.stderr.write(`The tests with Redis are left out: ${error.message}.\n`);
    return false;
  }
}
