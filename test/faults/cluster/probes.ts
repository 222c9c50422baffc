import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { CONTEXT_NAMES, type ContextName } from '../../../src/app/parts.ts';
import { token } from '../rush-faults.ts';
import type { System } from '../system.ts';

const EVERY_MS = 500;
const TIMEOUT_MS = 5_000;
const USER = '900001';
const TODAY = new Date().toISOString().slice(0, 10);

/** A read of each context that needs no other one. */
const READS: Readonly<Record<ContextName, { readonly path: string; readonly role: 'CUSTOMER' | 'ADMIN' }>> = {
  coupon: { path: `coupons/users/${USER}`, role: 'CUSTOMER' },
  point: { path: `points/users/${USER}/balance`, role: 'CUSTOMER' },
  order: { path: 'orders', role: 'CUSTOMER' },
  store: { path: 'stores', role: 'CUSTOMER' },
  identity: { path: 'users', role: 'ADMIN' },
  notification: { path: 'notifications', role: 'CUSTOMER' },
  webhook: { path: 'webhooks', role: 'ADMIN' },
  statistics: { path: `statistics/daily?from=${TODAY}&to=${TODAY}`, role: 'ADMIN' },
};

export interface Probe {
  readonly context: ContextName;
  readonly atMs: number;
  readonly tookMs: number;
  readonly status: number | undefined;
}

/** Reads every context twice a second until the signal. */
export async function probe(system: System, probes: Probe[], signal: AbortSignal): Promise<void> {
  const agent = new Agent({ connections: 2, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  const read = async (context: ContextName): Promise<void> => {
    const { path, role } = READS[context];
    const atMs = performance.now();
    const headers = { authorization: `Bearer ${token(USER, role)}` };
    const status = await request(`${system.urls()[0]}/api/v1/${path}`, { dispatcher: agent, headers }).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode;
      },
      () => undefined,
    );
    probes.push({ context, atMs, tookMs: performance.now() - atMs, status });
  };
  await Promise.all(
    CONTEXT_NAMES.map(async (context) => {
      while (!signal.aborted) {
        const pause = sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
        await read(context);
        await pause;
      }
    }),
  );
  await agent.destroy();
}

/** What the reads of one context met. */
export interface Reads {
  readonly context: ContextName;
  readonly all: number;
  readonly ok: number;
  /** Of those that failed: the median time until the response, and each status with its number. */
  readonly failedMs: number | undefined;
  readonly statuses: Readonly<Record<string, number>>;
}

/** By context, for the reads that were sent in this time. */
export const readsBetween = (probes: readonly Probe[], fromMs: number, toMs: number): readonly Reads[] =>
  CONTEXT_NAMES.map((context) => {
    const all = probes.filter((each) => each.context === context && each.atMs >= fromMs && each.atMs <= toMs);
    const failed = all.filter(({ status }) => status !== 200);
    const sorted = failed.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
    const groups = Map.groupBy(failed, ({ status }) => String(status ?? 'no response'));
    return {
      context,
      all: all.length,
      ok: all.length - failed.length,
      failedMs: sorted[Math.floor(sorted.length / 2)],
      statuses: Object.fromEntries([...groups].map(([status, each]) => [status, each.length])),
    };
  });
