import { readBundled } from '../../platform/bundled-file.ts';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import type { RedisConnection } from '../../platform/redis/connect.ts';
import { type Finding, ok, type Subject, warn } from './finding.ts';

const CONNECT_MS = 3_000;
/** It requires a password, has another one, or does not let this user connect. */
const REFUSED = /^(NOAUTH|WRONGPASS|NOPERM|ERR (Client sent AUTH|AUTH))/;

/** Whether Redis responds, does for this program what it asks for, and refuses others. */
export async function redis({ settings: { redis: given } }: Subject): Promise<readonly Finding[]> {
  if (given === undefined) return [];
  const { connect } = await import('../../platform/redis/connect.ts');
  const { readTlsFiles } = await import('../../platform/read-pem.ts');
  const { withTimeout } = await import('../../platform/kernel/timeout.ts');
  const tls = given.isEncrypted ? readTlsFiles('REDIS', given.tls) : undefined;
  const connectedAs = async <Result>(
    password: string | undefined,
    use: (connection: RedisConnection) => Promise<Result>,
  ): Promise<Result> => {
    const opening = connect({ ...given, password, user: password && given.user, tls, onError: () => {} });
    try {
      return await withTimeout(opening.connected.then(use), CONNECT_MS, () => new Error('it did not respond in time'));
    } finally {
      opening.abandon();
    }
  };
  const ping = (connection: RedisConnection): Promise<'all' | 'some'> => connection.ping();
  try {
    if ((await connectedAs(given.password, ping)) === 'some')
      return [
        warn('Some masters of the Redis cluster do not respond. Start them; until then PostgreSQL is read instead.'),
      ];
  } catch (error) {
    const reason = firstMessage(error);
    if (REFUSED.test(reason))
      return [warn(`Redis refuses the login of REDIS_URL: ${reason}. Correct it; nothing depends on Redis.`)];
    return [warn(`Redis does not respond: ${reason}. Start it, or correct REDIS_URL; nothing depends on it.`)];
  }
  const findings: Finding[] = [];
  try {
    await connectedAs(given.password, (connection) => runScripts(connection, given.prefix));
  } catch (error) {
    findings.push(
      warn(`Redis refuses what this program does. Correct its user, see docs/configuration.md: ${firstMessage(error)}`),
    );
  }
  const isOpen = await connectedAs(undefined, ping).then(
    () => true,
    () => false,
  );
  if (isOpen) findings.push(warn('Redis serves clients without a password. Set requirepass or an ACL.'));
  return findings.length > 0 ? findings : [ok('Redis responds, and refuses clients without a password')];
}

/** Runs the scripts of the program on keys that no policy has and that end at once. Rejects with what Redis refuses. */
async function runScripts(connection: RedisConnection, prefix: string): Promise<void> {
  const keys = ['coupon:stock:{doctor}', 'coupon:issued:{doctor}'].map((key) => prefix + key);
  const run = async (file: string, on: string[], args: readonly string[]): Promise<unknown> =>
    await connection.eval(await readBundled(`${file}.lua`), { keys: on, arguments: [...args] });
  const [at] = (await run('platform/redis/facts/read-fact', keys, ['1000', '0', '1'])) as [number];
  await run('platform/redis/facts/record-fact', keys, ['1000', String(at), '0', '1', '1', '0', '1', '1 1']);
  await run('platform/redis/facts/forget-fact', keys, []);
  await run('gateway/limits/count-request', [`${prefix}limit:doctor`], ['1', '1']);
}
