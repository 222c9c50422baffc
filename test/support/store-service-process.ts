/**
 * Serves the store context on the port of its argument, without a database: a store of any id is open, with the id of this process as its
 * version. The deletion of a store is refused after 5 ms, with that id. Prints the port.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import { pino } from 'pino';
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
  denies: () => undefined,
  isPrincipal,
  log: pino({ level: 'silent' }),
});
console.log(port);
