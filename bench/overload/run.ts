/**
 * Open-loop load at multiples of what one node can do: how much of it succeeds within a second? The load generator has
 * a core of its own; server and PostgreSQL share the other one. Linux, at least two cores.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { prepareFixture } from '../orders/fixture.ts';
import { endWithBench } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { readMetrics, rise } from '../support/metrics.ts';
import { asAdmin } from '../support/postgres.ts';
import { startSystem } from '../support/system.ts';
import type { ClientSpec, Kind } from './client-run.ts';
import type { Phase } from './open-loop.ts';
import type { PhaseFigures } from './phase-figures.ts';

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'issue' },
    multiples: { type: 'string', default: '1,2,4' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '12000' },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
const CLIENT_CORE = '0';
const SERVER_CORE = '1';
/** To find the capacity: closed loop, because every connection is always taken. */
const CAPACITY = { connections: 512, perSecond: 30_000, seconds: 6 };
/** Of checkouts, which cost more and whose users are prepared beforehand. */
const CHECKOUT_CAPACITY_PER_SECOND = 5_000;
const WARM: Phase = { perSecond: 500, seconds: 2 };
/** Follows on the largest multiple: half of the capacity again. */
const RECOVERY_SECONDS = 5;
const CLIENT_MAX_MS = 180_000;

// Inherited by everything that is started below.
execFileSync('taskset', ['-cp', SERVER_CORE, String(process.pid)]);
const kind = readKind(values.kind);
const fixture = await prepareFixture(1);
let firstUser = BigInt(Date.now()) * 1_000_000n;
const results: { kind: Kind; multiple: string; figures: PhaseFigures }[] = [];

async function load(
  kind: Kind,
  url: string,
  phases: readonly Phase[],
  width = connections,
): Promise<readonly PhaseFigures[]> {
  firstUser += 10_000_000n;
  const { jwtSecret } = fixture;
  const spec: ClientSpec = { kind, url, jwtSecret, connections: width, phases, firstUser: String(firstUser) };
  const args = ['-c', CLIENT_CORE, process.execPath, join(import.meta.dirname, 'client-run.ts'), JSON.stringify(spec)];
  const before = await readMetrics(url);
  const running = promisify(execFile)('taskset', args, { timeout: CLIENT_MAX_MS });
  endWithBench(running.child);
  const { stdout } = await running;
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`no result of the load generator\n${stdout}`);
  const after = await readMetrics(url);
  const shed = (reason: string): number => rise(before, after, 'stampede_http_shed_total', `reason="${reason}"`);
  const state = (name: string): number => after.get(`stampede_http_in_flight${name}`) ?? Number.NaN;
  console.log(`shed: limit ${shed('limit')}, late ${shed('late')}; in flight ${state('')} of ${state('_limit')}`);
  return (JSON.parse(line.slice('RESULT '.length)) as { phases: PhaseFigures[] }).phases;
}

function note(kind: Kind, multiple: string, capacity: number, figures: PhaseFigures): void {
  results.push({ kind, multiple, figures });
  const { sent, good, late, shed, other, successP50Ms, successP99Ms, shedP99Ms, goodBySecond } = figures;
  console.log(
    `${kind.padEnd(9)}${multiple.padStart(9)}  answered ${String(sent).padStart(6)}/s (${(sent / capacity).toFixed(2)}x)  ` +
      `good ${String(good).padStart(6)}/s  late ${String(late).padStart(5)}/s  503 ${String(shed).padStart(6)}/s  other ${JSON.stringify(other)}  ` +
      `success p50 ${successP50Ms} p99 ${successP99Ms} ms  503 p99 ${shedP99Ms} ms  by second ${goodBySecond.join(' ')}`,
  );
}

function readKind(text: string): Kind {
  if (text === 'issue' || text === 'orders' || text === 'checkouts') return text;
  throw new Error(`--kind is issue, orders or checkouts, not ${text}`);
}

async function measure(kind: Kind): Promise<void> {
  await fixture.onDatabase(async (databaseUrl) => {
    const { workDir, jwtSecret } = fixture;
    // No user sends two requests within a second: the rate limit is not what is measured.
    const child = await startSystem({ workDir, jwtSecret, databaseUrl, env: { STAMPEDE_RATE_LIMIT: 'off' } });
    try {
      const perSecond = kind === 'checkouts' ? CHECKOUT_CAPACITY_PER_SECOND : CAPACITY.perSecond;
      await load(kind, child.url, [WARM, WARM], CAPACITY.connections);
      // As in a database that has run for a while: tables that have just begun to fill have no statistics yet.
      await asAdmin(databaseUrl, (client) => client.query('analyze'));
      const closed = await load(kind, child.url, [WARM, { ...CAPACITY, perSecond }], CAPACITY.connections);
      const capacity = (closed[1]?.good ?? 0) + (closed[1]?.late ?? 0);
      if (closed[1]) note(kind, 'closed', capacity, closed[1]);
      const multiples = values.multiples.split(',').map(Number);
      for (const multiple of multiples) {
        const [, figures] = await load(kind, child.url, [
          WARM,
          { perSecond: Math.round(multiple * capacity), seconds },
        ]);
        if (figures) note(kind, `${multiple}x`, capacity, figures);
      }
      const over = { perSecond: Math.round(Math.max(...multiples) * capacity), seconds };
      const after = { perSecond: Math.round(capacity / 2), seconds: RECOVERY_SECONDS };
      const [, , recovered] = await load(kind, child.url, [WARM, over, after]);
      if (recovered) note(kind, 'recovery', capacity, recovered);
    } finally {
      await child.stop();
    }
  });
}

try {
  await measure(kind);
  const machine = await describeMachine(fixture.postgresUrl, 'bench/overload/client-run.ts', undefined);
  await mkdir(values.out, { recursive: true });
  const found = { machine, ranAt: new Date().toISOString(), seconds, connections, results };
  await writeFile(join(values.out, 'overload.json'), `${JSON.stringify(found, null, 2)}\n`);
} finally {
  await fixture.close();
}
