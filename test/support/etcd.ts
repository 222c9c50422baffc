import { type EtcdServer, type EtcdTls, NoEtcd, startEtcd } from '../../tools/etcd/start.ts';

/**
 * An etcd of the caller's own. Undefined: there is none here, the tests with etcd are left out, and a line says so; with REQUIRE_ETCD=1 that is a
 * failure. Ask at the top of a test file, for `describe.skipIf`.
 */
export async function testEtcd(tls?: EtcdTls): Promise<EtcdServer | undefined> {
  try {
    return await startEtcd(tls);
  } catch (error) {
    if (!(error instanceof NoEtcd) || process.env['REQUIRE_ETCD'] === '1') throw error;
    process.stderr.write(`The tests with etcd are left out: ${error.message}.\n`);
    return undefined;
  }
}
