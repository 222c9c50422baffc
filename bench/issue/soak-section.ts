import { readFileSync } from 'node:fs';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { type Spread, spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import { UNSOLD } from './candidates.ts';
import type { Fixture } from './fixture.ts';
import type { BenchOptions } from './options.ts';

export interface SoakSection {
  readonly ranAt: string;
  readonly seconds: number;
  readonly connections: number;
  readonly perSecond: Spread;
  readonly issued: number;
  /** Resident memory of the server in MB, of the samples after the warm-up. */
  readonly rssMb: Spread;
  /** Median of the last quarter of the samples minus that of the first. */
  readonly driftMb: number;
  /** [seconds since the start, MB]. */
  readonly samples: readonly (readonly [number, number])[];
}

const SAMPLE_EVERY_MS = 2_000;
/** Heap, caches and pools grow to their size first. */
const WARM_MS = 60_000;
const STEP_SECONDS = 10;

/** Memory of the server while it issues without a pause, ten seconds a policy. */
export async function runSoak(
  fixture: Fixture,
  options: BenchOptions,
  seconds: number,
  say: (line: string) => void,
): Promise<SoakSection> {
  const databaseUrl = await fixture.createDatabase('soak');
  const system = await startSystem({ ...fixture, databaseUrl });
  const tokens = accessTokens(fixture.jwtSecret, Date.now);
  const samples: (readonly [number, number])[] = [];
  const rates: number[] = [];
  let issued = 0;
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  const timer = setInterval(() => samples.push([elapsedMs() / 1000, rssMb(system.pid)]), SAMPLE_EVERY_MS);
  try {
    while (elapsedMs() < seconds * 1000) {
      const policyId = await createPolicy(new URL(system.url), tokens, UNSOLD, Date.now());
      const load = { url: system.url, policyIds: [policyId], tokens: fixture.tokens, repeats: false };
      const stepSeconds = Math.min(STEP_SECONDS, options.seconds);
      const result = await fixture.load.send({ ...load, connections: options.connections, seconds: stepSeconds });
      issued += result.requests - result.refused;
      rates.push((result.requests - result.refused) / result.seconds);
      say(
        `${Math.round(elapsedMs() / 1000)} s  ${Math.round(rates.at(-1) ?? 0)}/s  ${Math.round(rssMb(system.pid))} MB`,
      );
    }
  } finally {
    clearInterval(timer);
    await system.stop();
  }
  const warmMs = Math.min(WARM_MS, seconds * 250);
  const settled = samples.filter(([at]) => at * 1000 >= warmMs).map(([, mb]) => mb);
  const quarter = Math.max(1, Math.floor(settled.length / 4));
  return {
    ranAt: new Date().toISOString(),
    seconds,
    connections: options.connections,
    perSecond: spreadOf(rates),
    issued,
    rssMb: spreadOf(settled),
    driftMb: spreadOf(settled.slice(-quarter)).median - spreadOf(settled.slice(0, quarter)).median,
    samples,
  };
}

const PAGE_BYTES = 4096;

/** From /proc: the soak runs on Linux only. */
function rssMb(pid: number): number {
  const [, resident] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(resident) * PAGE_BYTES) / 2 ** 20;
}
