/**
 * Long polling, server-sent events, WebSocket, and server-sent events with a thread for each connection (Java, where there is one): 1,000, 5,000 and 10,000
 * clients that watch one stock, which changes every 250 ms. CPU of the server for each change and client, memory of each client, and how late changes are.
 * All alternate within each round. Linux, `ulimit -n` of 20,000.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { residentKb } from '../streams/resident-kb.ts';
import { endWithBench, startChild, urlLine } from '../support/child.ts';
import { cpuOf } from '../support/cpu.ts';
import { rotated } from '../support/rotated.ts';
import { spreadOf } from '../support/statistics.ts';

const serverAt = (name: string): string => join(import.meta.dirname, 'servers', name);
interface Way {
  readonly kind: string;
  readonly command: readonly [string, ...string[]];
}
const WAYS: Readonly<Record<string, Way>> = {
  'long polling': { kind: 'long-polling', command: [process.execPath, serverAt('long-polling.ts')] },
  'server-sent events': { kind: 'sse', command: [process.execPath, serverAt('sse.ts')] },
  WebSocket: { kind: 'websocket', command: [process.execPath, serverAt('websocket.ts')] },
  ...(hasJava() && { 'a thread each (Java)': { kind: 'sse', command: ['java', serverAt('Threads.java')] } }),
};

interface Taken {
  readonly way: string;
  readonly clients: number;
  readonly round: number;
  /** Microseconds of the server for a change and client. */
  readonly cpuUs: number;
  readonly kbOfClient: number;
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
}

const options = new Command('bench:watching')
  .option('--seconds <n>', 'of one measurement', Number, 5)
  .option('--rounds <n>', 'each way once a round', Number, 2)
  .option('--clients <n...>', 'clients at once', ['1000', '5000', '10000'])
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{ seconds: number; rounds: number; clients: string[]; out: string }>();
const [loadBefore] = loadavg();

const taken: Taken[] = [];
for (let round = 0; round < options.rounds; round++) {
  for (const clients of options.clients.map(Number)) {
    for (const way of rotated(Object.keys(WAYS), round)) {
      const one = { way, clients, round, ...(await measure(way, clients)) };
      taken.push(one);
      console.log(
        `round ${round + 1}  ${way.padEnd(22)} ${clients} clients  ${one.cpuUs.toFixed(1)} us  ${one.kbOfClient.toFixed(1)} kB  ${one.events} events  late p50 ${one.p50} p99 ${one.p99} ms`,
      );
    }
  }
}
console.log(
  '\n| way | clients | CPU of a change and client | memory of a client | p50 | p99 |\n|---|---|---|---|---|---|',
);
for (const way of Object.keys(WAYS)) {
  for (const clients of options.clients.map(Number)) {
    const of = (figure: (one: Taken) => number): string =>
      spreadOf(taken.filter((one) => one.way === way && one.clients === clients).map(figure)).median.toFixed(1);
    console.log(
      `| ${way} | ${clients} | ${of((one) => one.cpuUs)} us | ${of((one) => one.kbOfClient)} kB | ${of((one) => one.p50)} ms | ${of((one) => one.p99)} ms |`,
    );
  }
}
await mkdir(options.out, { recursive: true });
const result = { ranAt: new Date().toISOString(), loadBefore, loadAfter: loadavg()[0], ...options, taken };
await writeFile(join(options.out, 'watching.json'), `${JSON.stringify(result, undefined, 2)}\n`);

async function measure(way: string, count: number): Promise<Omit<Taken, 'way' | 'clients' | 'round'>> {
  const { kind, command }: Way = WAYS[way] ?? { kind: '', command: ['false'] };
  const server = await startChild(command, {}, urlLine);
  try {
    await sleep(500);
    const before = await residentKb(server.pid);
    const args = [join(import.meta.dirname, 'client-run.ts'), server.url, kind, String(count)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    endWithBench(child);
    try {
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      await lines.next();
      const take = async () => {
        child.stdin.write('\n');
        return JSON.parse((await lines.next()).value ?? '') as { events: number; p50: number; p99: number };
      };
      await sleep(1_000);
      const kbOfClient = ((await residentKb(server.pid)) - before) / count;
      await take();
      const cpu = cpuOf(server.pid) ?? Number.NaN;
      await sleep(options.seconds * 1_000);
      const { events, p50, p99 } = await take();
      return { cpuUs: (((cpuOf(server.pid) ?? Number.NaN) - cpu) * 1e6) / events, kbOfClient, events, p50, p99 };
    } finally {
      child.kill('SIGKILL');
    }
  } finally {
    await server.stop();
  }
}

function hasJava(): boolean {
  try {
    execFileSync('javac', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
