import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { outageLog } from '../telemetry/outage-log.ts';
import type { EtcdClient, EtcdEntry } from './client.ts';

/** How long an instance is listed after its last sign of life. */
export const LEASE_SECONDS = 10;
/** Three signs of life may be lost. */
const KEEP_ALIVE_MS = 2_500;
const RETRY_MS = 500;

export interface Registration {
  /** Rejects while the entries are not in etcd. */
  check(): Promise<void>;
  /** Removes the entries, as far as etcd can be reached. Resolves within a few seconds. */
  leave(): Promise<void>;
}

export interface RegistrationOptions {
  readonly client: EtcdClient;
  readonly entries: readonly EtcdEntry[];
  readonly log: Logger;
}

/**
 * Keeps entries in etcd for as long as this process lives: they go 10 s after its last sign of life. They are stored again when the lease ended
 * meanwhile, because this process was frozen or etcd lost its data, and after any failure.
 */
export function register({ client, entries, log }: RegistrationOptions): Registration {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  let lease: bigint | undefined;
  const outage = outageLog({
    log,
    message: 'this process is not registered in etcd; it tries again until it is',
    over: 'this process is registered in etcd again',
  });
  let isStored = false;

  const store = async (): Promise<void> => {
    const granted = await client.grantLease(LEASE_SECONDS);
    // Known before the entries are stored: after a stop in between it is removed, too.
    lease = granted;
    isStored = false;
    // An entry that is there already leaves its former lease, which ends without it.
    for (const entry of entries) await client.put(entry, granted);
    isStored = true;
    outage.succeeded();
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        if (lease === undefined) await store();
        await pause(KEEP_ALIVE_MS);
        if (signal.aborted || lease === undefined) continue;
        if (await client.keepAlive(lease)) continue;
        lease = undefined;
        log.warn('the lease of this process in etcd has ended; it registers again');
      } catch (err) {
        lease = undefined;
        outage.failed(err);
        await pause(RETRY_MS);
      }
    }
  };
  const running = run();
  return {
    async check() {
      if (lease === undefined || !isStored) throw new Error('this process is not registered in etcd');
    },
    async leave() {
      stopping.abort();
      await running;
      if (lease === undefined) return;
      await client.revokeLease(lease).catch((err: unknown) => {
        log.warn({ err }, `this process did not leave etcd; its entries go within ${LEASE_SECONDS} s`);
      });
      lease = undefined;
    },
  };
}
