/**
 * What does a call between two processes cost? The unary call IssueCoupon with its real messages, by each transport, with 1, 256 and 512 calls
 * in flight. The transports alternate within each round; ratios are of the same round. CPU is that of both processes.
 */
import { join } from 'node:path';
import { startChild, stopChildren, urlLine } from '../support/child.ts';
import { cpuOf } from '../support/cpu.ts';
import { rotated } from '../support/rotated.ts';
import { ratioOf, spreadOf } from '../support/statistics.ts';
import { TRANSPORTS, type Transport } from './transports.ts';

const ROUNDS = 5;
const LOADS = [
  { inFlight: 1, calls: 1_000 },
  { inFlight: 256, calls: 5_000 },
  { inFlight: 512, calls: 10_000 },
];

interface Figures {
  readonly callsPerSecond: number[];
  readonly cpuUs: number[];
}

const child = await startChild([process.execPath, join(import.meta.dirname, 'child.ts')], {}, urlLine);
const ports = child.url.split(',').map(Number);
const dialled = TRANSPORTS.map((transport, index) => ({ transport, call: transport.dial(ports[index] ?? 0) }));
try {
  await measure();
} finally {
  await stopChildren();
}
process.exit();

async function measure(): Promise<void> {
  for (const { call } of dialled) await load(call, 64, 5_000);
  for (const { inFlight, calls } of LOADS) {
    const figures = new Map<Transport, Figures>(TRANSPORTS.map((it) => [it, { callsPerSecond: [], cpuUs: [] }]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { transport, call } of rotated(dialled, round)) {
        const before = cpu();
        const fromMs = performance.now();
        await load(call, inFlight, calls);
        const seconds = (performance.now() - fromMs) / 1_000;
        figures.get(transport)?.callsPerSecond.push(calls / seconds);
        figures.get(transport)?.cpuUs.push(((cpu() - before) * 1e6) / calls);
      }
    }
    report(inFlight, figures);
  }
}

/** Seconds, of this process and the server. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (cpuOf(child.pid) ?? Number.NaN);
}

async function load(call: (userId: bigint) => Promise<void>, inFlight: number, calls: number): Promise<void> {
  let left = calls;
  const callers = Array.from({ length: inFlight }, async () => {
    while (left-- > 0) await call(BigInt(left + 1));
  });
  await Promise.all(callers);
}

function report(inFlight: number, figures: ReadonlyMap<Transport, Figures>): void {
  const [first] = figures.values();
  console.log(`\n${inFlight} in flight     calls/s   CPU per call   CPU, ratio to ${TRANSPORTS[0]?.name}`);
  for (const [{ name }, { callsPerSecond, cpuUs }] of figures) {
    const ratio = ratioOf(cpuUs, first?.cpuUs);
    const spread = ratio && `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`;
    const rate = spreadOf(callsPerSecond).median.toFixed(0).padStart(7);
    console.log(`${name.padEnd(15)} ${rate}   ${spreadOf(cpuUs).median.toFixed(0).padStart(9)} us   ${spread}`);
  }
}
