import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { etcdClient, etcdCredentials, isDenied } from '../../platform/etcd/client.ts';
import { type Discovery, discover } from '../../platform/etcd/discovery.ts';
import { type Registration, register } from '../../platform/etcd/registration.ts';
import type { EtcdSettings } from '../../platform/etcd/settings.ts';
import type { AddressSource } from '../../platform/grpc/addresses.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { withTimeout } from '../../platform/kernel/timeout.ts';
import { readTlsFiles } from '../../platform/read-pem.ts';

/** A start does not wait longer for etcd: services that are found later are called then. */
const LIST_MS = 3_000;
/** A stop does not wait longer for etcd: without it the entries of this process end with their lease. */
const LEAVE_MS = 2_000;

/** How the processes of this system find each other in etcd. */
export interface Etcd {
  addressesOf(context: string): AddressSource;
  /** Lists this process, which hosts these contexts and is called at `address`, as an instance of each until `leave`. */
  register(contexts: readonly string[], address: string): void;
  /** Takes this process off the list. */
  leave(): Promise<void>;
  /** Rejects while etcd cannot be reached, or does not have this process. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Follows who is registered under `<prefix>services/`. Without etcd it starts, too, and finds the others when etcd is there.
 * @throws StartError when etcd refuses the login, or a file cannot be read
 */
export async function openEtcd(settings: EtcdSettings, log: Logger): Promise<Etcd> {
  const { endpoints, login, isEncrypted, tls } = settings;
  const prefix = `${settings.prefix}services/`;
  const files = readTlsFiles('ETCD', tls);
  const client = etcdClient({ endpoints, login, credentials: etcdCredentials(isEncrypted, files) });
  await client.list(prefix).catch((error: Error) => {
    if (isDenied(error)) {
      client.close();
      const who = login === undefined ? 'a process without ETCD_USER' : `ETCD_USER=${login.user}`;
      const message = `etcd refuses ${who}: ${error.message}. Set a user that may read and write ${settings.prefix}, and its ETCD_PASSWORD.`;
      throw new StartError(message, { cause: error });
    }
    log.warn({ err: error }, `etcd at ${endpoints.join(', ')} cannot be reached yet`);
  });
  const discovery: Discovery = discover({ client, prefix, log });
  await withTimeout(discovery.listed, LIST_MS, () => new Error('etcd did not respond in time')).catch(() => {});
  // A process that is started again is another instance, whatever its address.
  const instance = randomUUID();
  let registration: Registration | undefined;
  let leaving: Promise<void> | undefined;
  const leave = (): Promise<void> => {
    const left = registration?.leave() ?? Promise.resolve();
    leaving ??= withTimeout(left, LEAVE_MS, () => new Error('etcd did not respond in time')).catch((err: unknown) => {
      log.warn({ err }, 'this process did not leave etcd; its entries go with their lease');
    });
    return leaving;
  };
  return {
    addressesOf: discovery.addressesOf,
    register(contexts, address) {
      const entries = contexts.map((context) => ({ key: `${prefix}${context}/${instance}`, value: address }));
      registration = register({ client, entries, log });
    },
    leave,
    async check() {
      await Promise.all([discovery.check(), registration?.check()]);
    },
    async close() {
      await leave();
      client.close();
      await discovery.close();
    },
  };
}
