/**
 * Serves the store context on the port of its argument, without a database: a store of any id is open, with the id of this process as its
 * version. The deletion of a store is refused after 5 ms, with that id. Prints the port. With an endpoint of etcd as its second argument it is registered
 * there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import { pino } from 'pino';
import { openEtcd } from '../../src/app/remote/etcd.ts';
import { storeContext } from '../../src/contexts/store/module.ts';
import { serveGrpc } from '../../src/platform/grpc/serve.ts';
import { isPrincipal } from './principals.ts';

const contract = await storeContext.contract();
const standing = { storeId: 1n, ownerId: 1n, isOpen: true, version: process.pid, staff: [] };
const checkStore = async () => ({ outcome: { $case: 'standing', value: standing } });
const refusal = { code: 'FORBIDDEN', details: { process: String(process.pid) } };
const deleteStore = async () => {
  await sleep(5);
  return { outcome: { $case: 'refusal', value: refusal } };
};
const others = Object.keys(contract.methods).map((name) => [name, () => new Promise(() => {})]);
const { port } = await serveGrpc({
  services: [{ contract, api: { ...Object.fromEntries(others), checkStore, deleteStore } }],
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  credentials: ServerCredentials.createInsecure(),
  isMutual: false,
  denies: () => undefined,
  isPrincipal,
  log: pino({ level: 'silent' }),
});
const endpoint = process.argv[3];
if (endpoint !== undefined) {
  const log = pino({ level: 'silent' });
  const settings = { endpoints: [endpoint], isEncrypted: false, tls: {}, login: undefined, prefix: '/stampede/' };
  const etcd = await openEtcd(settings, log);
  etcd.register(['store'], `127.0.0.1:${port}`);
  // Without etcd it says its port all the same, and is registered later.
  for (let look = 0; look < 60; look++) {
    if (
      await etcd.check().then(
        () => true,
        () => false,
      )
    )
      break;
    await sleep(50);
  }
}
console.log(port);
