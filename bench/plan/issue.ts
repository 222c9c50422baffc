import type { Kind } from '../issue/candidates.ts';
import type { Fixture } from '../issue/fixture.ts';
import { type Measurement, runMeasurement } from '../issue/measurement.ts';
import { startSystem } from '../support/system.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';
import { databaseBytes, numberIn } from './database-bytes.ts';

const CONNECTIONS = 512;

interface Duration {
  readonly seconds: number;
  readonly warmSeconds: number;
}

/** One hot policy: coupons a second, and the cost of a coupon. */
export async function measureIssue(fixture: Fixture, databaseUrl: string, duration: Duration) {
  const bytesBefore = await databaseBytes(databaseUrl);
  const { measured, cpuUs } = await measure('issue', fixture, databaseUrl, duration);
  const stored = await numberIn(databaseUrl, 'select count(*) as n from coupon.coupon_issues');
  return {
    perSecond: Math.round(measured.perSecond),
    nodeCpuUs: cpuUs.server,
    postgresCpuUs: cpuUs.postgres,
    walBytes: Math.round(measured.perIssue?.walBytes ?? Number.NaN),
    storedBytes: Math.round(((await databaseBytes(databaseUrl)) - bytesBefore) / stored),
  };
}

/** A sold-out policy: refusals from memory. */
export async function measureRefusal(fixture: Fixture, databaseUrl: string, duration: Duration) {
  const { measured, cpuUs } = await measure('sold-out', fixture, databaseUrl, duration);
  return { perSecond: Math.round(measured.perSecond), nodeCpuUs: cpuUs.server };
}

async function measure(kind: Kind, fixture: Fixture, databaseUrl: string, { seconds, warmSeconds }: Duration) {
  let pid = 0;
  let cpuUs: CpuUs = {};
  const load: Fixture['load'] = {
    name: fixture.load.name,
    // The last one is the measured load, after the warm-up.
    async send(spec) {
      const { result, cpuUs: per } = await withCpu(pid, databaseUrl, () => fixture.load.send(spec));
      cpuUs = per(result.requests);
      return result;
    },
  };
  const { workDir, jwtSecret } = fixture;
  const measured = await runMeasurement(
    {
      id: kind,
      label: kind,
      kind,
      store: 'coupon',
      needsRedis: false,
      givesUp: false,
      pooled: false,
      async start() {
        const child = await startSystem({ workDir, jwtSecret, databaseUrl, env: { STAMPEDE_RATE_LIMIT: 'off' } });
        pid = child.pid;
        return child;
      },
    },
    { ...fixture, load },
    databaseUrl,
    { connections: CONNECTIONS, poolMax: 0, seconds, warmSeconds },
  );
  return { measured: withoutFault(measured), cpuUs };
}

function withoutFault(measured: Measurement): Measurement {
  if (measured.fault === undefined) return measured;
  throw new Error(`FAULT: ${measured.fault}`);
}
