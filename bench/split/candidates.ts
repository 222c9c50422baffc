import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import type { Candidate, Kind } from '../issue/candidates.ts';
import { type Child, startChild } from '../support/child.ts';
import { cpuOf } from '../support/cpu.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
/** All but coupons are in the gateway's process, so that one call is measured and not the number of processes. */
const WITH_GATEWAY = 'gateway,identity,store,point,order,statistics';

/** Seconds of CPU of each process over its life: start, preparation, warm-up and load. */
export type CpuByPart = Readonly<Record<string, number>>;

export type Shape = 'one' | 'split';

/** `onStop` gets the CPU of the processes before they end. */
export const candidate = (
  shape: Shape,
  kind: Kind,
  { brokers, onStop }: { readonly brokers: string; readonly onStop: (cpu: CpuByPart) => void },
): Candidate => ({
  id: `${shape}-${kind}`,
  label: shape === 'one' ? 'one process' : 'gateway and coupon',
  kind,
  store: 'coupon',
  needsRedis: false,
  givesUp: false,
  pooled: false,
  async start({ workDir, jwtSecret }, databaseUrl) {
    const common = {
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: 'bench.',
      PAYMENT_PROVIDER: 'none',
    };
    const started: Record<string, Child> = {};
    const startPart = async (target: string, env: Readonly<Record<string, string>>): Promise<Child> => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const command = [process.execPath, MAIN, 'serve', '--target', target] as const;
      const own = { STAMPEDE_DATA_DIR: await mkdtemp(join(workDir, 'system-')), PORT: new URL(url).port };
      const child = await startChild(command, { ...common, ...env, ...own }, async () => {
        const response = await fetch(`${url}/readyz`).catch(() => undefined);
        return response?.ok ? url : undefined;
      });
      started[target === WITH_GATEWAY ? 'gateway' : target] = child;
      return child;
    };
    const stop = async (): Promise<void> => {
      onStop(Object.fromEntries(Object.entries(started).map(([name, { pid }]) => [name, cpuOf(pid) ?? Number.NaN])));
      await Promise.all(Object.values(started).map((child) => child.stop()));
    };
    if (shape === 'one') return { ...(await startPart('all', { JWT_SECRET: jwtSecret })), stop };
    const [grpcOfGateway, grpcOfCoupon] = [await freePort(), await freePort()];
    // Each calls the other: coupons ask stores, and the gateway asks coupons.
    const addresses = {
      STORE_ADDRESS: `127.0.0.1:${grpcOfGateway}`,
      COUPON_ADDRESS: `127.0.0.1:${grpcOfCoupon}`,
    };
    const shared = { ...addresses, JWT_SECRET: jwtSecret };
    await startPart('coupon', { ...shared, GRPC_PORT: String(grpcOfCoupon) });
    const gateway = await startPart(WITH_GATEWAY, { ...shared, GRPC_PORT: String(grpcOfGateway) });
    return { ...gateway, stop };
  },
});
