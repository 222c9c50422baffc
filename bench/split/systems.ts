import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTS } from '../../src/app/parts.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { type Child, startChild } from '../support/child.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
/**
 * All but coupons are in the gateway's process, so that the calls of one context are measured and not the number of processes. At a checkout
 * orders, in that process, call coupons, in the other.
 */
const WITH_GATEWAY = PARTS.filter((part) => part !== 'coupon').join(',');

export type Shape = 'one' | 'split';
export const SHAPES: readonly Shape[] = ['one', 'split'];

export interface SystemOptions {
  readonly workDir: string;
  readonly jwtSecret: string;
  readonly databaseUrl: string;
  readonly brokers: string;
  /** Each process writes its CPU profile there when it ends. */
  readonly profileDir?: string | undefined;
}

export interface System extends Child {
  readonly parts: Readonly<Record<string, number>>;
  /** Where each process has its metrics. */
  readonly metricsUrls: Readonly<Record<string, string>>;
}

/** Starts the system in one process, or as two, with Kafka in either case. */
export async function startShape(shape: Shape, options: SystemOptions): Promise<System> {
  const { workDir, jwtSecret, databaseUrl, brokers, profileDir } = options;
  const common = {
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: brokers,
    // What another measurement left in its topics is not consumed by this one.
    KAFKA_TOPIC_PREFIX: `${new URL(databaseUrl).pathname.slice(1)}.`,
    PAYMENT_PROVIDER: 'none',
    STAMPEDE_RATE_LIMIT: 'off',
    JWT_SECRET: jwtSecret,
    PAYMENT_EVENT_KEYS: `stampede:${randomBytes(32).toString('base64')}`,
  };
  const started: Record<string, Child> = {};
  async function startPart(name: string, target: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const own = { STAMPEDE_DATA_DIR: await mkdtemp(join(workDir, 'system-')), PORT: new URL(url).port };
    const profile =
      profileDir === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${shape}-${name}-${Date.now()}.cpuprofile`];
    const command = [process.execPath, ...profile, MAIN, 'serve', '--target', target] as const;
    started[name] = await startChild(command, { ...common, ...env, ...own }, async () => {
      const response = await fetch(`${url}/readyz`).catch(() => undefined);
      return response?.ok ? url : undefined;
    });
  }
  async function stop(): Promise<void> {
    await Promise.all(Object.values(started).map((child) => child.stop()));
  }
  try {
    if (shape === 'one') await startPart('all', 'all');
    else {
      const [grpcOfGateway, grpcOfCoupon] = [await freePort(), await freePort()];
      // Each calls the other: coupons ask stores, and the gateway and orders ask coupons.
      const addresses = {
        STORE_ADDRESS: `127.0.0.1:${grpcOfGateway}`,
        COUPON_ADDRESS: `127.0.0.1:${grpcOfCoupon}`,
      };
      await startPart('coupon', 'coupon', { ...addresses, GRPC_PORT: String(grpcOfCoupon) });
      await startPart('gateway', WITH_GATEWAY, { ...addresses, GRPC_PORT: String(grpcOfGateway) });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const first = started['gateway'] ?? started['all'];
  if (first === undefined) throw new Error(`the shape ${shape} has no gateway`);
  return {
    ...first,
    parts: mapValues(started, ({ pid }) => pid),
    metricsUrls: mapValues(started, ({ url }) => url),
    stop,
  };
}

const mapValues = <From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
