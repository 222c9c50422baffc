/** npm run cluster: every part as processes of their own, behind a load balancer, until Ctrl-C. See options.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { adminPasswordFile } from '../../src/app/local/admin-password.ts';
import { stopSignal } from '../../src/app/stop-signal.ts';
import { StartError } from '../../src/platform/kernel/start-error.ts';
import { logLines } from './log-lines.ts';
import { readOptions, USAGE } from './options.ts';
import { openScreen } from './screen.ts';
import { type Cluster, startCluster } from './start.ts';
import { healthOf, statusLine, statusTable } from './status.ts';

const TABLE_MS = 2_000;
const LINE_MS = 60_000;
const SELF = 'cluster';
const NAMES_MAX = ['notification', 'gateway-1', 'gateway-2', 'coupon-1', 'coupon-2', 'balancer', SELF];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const startedMs = performance.now();
  const stop = stopSignal();
  const aborted = new AbortController();
  void stop.received.then(() => aborted.abort());
  const isTerminal = process.stdout.isTTY === true;
  const screen = openScreen(process.stdout, isTerminal && options.table);
  const lines = logLines(NAMES_MAX, isTerminal && !process.env['NO_COLOR']);
  const say = (text: string): void => screen.line(lines.format(SELF, text));
  let cluster: Cluster;
  try {
    cluster = await startCluster(options, process.env, {
      say,
      onLine(name, line, stream) {
        // The banners of the processes are in their files; the cluster has its own.
        if (stream === 'stderr' || line.startsWith('{')) screen.line(lines.format(name, line));
      },
      signal: aborted.signal,
    });
  } catch (error) {
    if (aborted.signal.aborted) return 0;
    throw error;
  }
  screen.line(banner(cluster, performance.now() - startedMs, isTerminal));
  const watching = watch(cluster, isTerminal && options.table, aborted.signal, say, screen.below);
  await stop.received;
  await watching;
  screen.end();
  await cluster.stop();
  return 0;
}

/** Shows how the processes are, until the signal: in a table, or as lines when something has changed. */
async function watch(
  cluster: Cluster,
  hasTable: boolean,
  signal: AbortSignal,
  say: (text: string) => void,
  below: (text: string) => void,
): Promise<void> {
  const health = new Map<string, string>();
  let saidMs = performance.now();
  while (!signal.aborted) {
    const rows = await cluster.status();
    if (signal.aborted) return;
    if (hasTable) below(`\n${statusTable(rows)}`);
    for (const row of rows) {
      const now = healthOf(row);
      const before = health.get(row.name);
      if (!hasTable && before !== undefined && before !== now) say(`${row.name} is ${now}`);
      health.set(row.name, now);
    }
    if (!hasTable && performance.now() - saidMs > LINE_MS) {
      saidMs = performance.now();
      say(statusLine(rows));
    }
    await sleep(TABLE_MS, undefined, { signal }).catch(() => undefined);
  }
}

const withoutLogin = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');

function banner(cluster: Cluster, tookMs: number, mayShowSecrets: boolean): string {
  const { url, admin, dataDir } = cluster;
  const inFile = `${admin.email}  password in ${adminPasswordFile(dataDir)}`;
  const shown = mayShowSecrets ? `${admin.email}  password ${admin.generatedPassword}` : inFile;
  const processes = cluster.plan.instances.map(({ name, httpPort }) => `${name} ${httpPort}`);
  const rows = [
    ['API', `${url}/api/v1`],
    ['Docs', `${url}/api/docs`],
    ['Admin', admin.generatedPassword === undefined ? admin.email : shown],
    ['Processes', processes.join(', ')],
    ['PostgreSQL', cluster.databasesShown],
    ['Kafka', cluster.brokers],
    ['etcd', cluster.etcd.endpoints],
    ['Redis', cluster.redisUrl === undefined ? 'none' : withoutLogin(cluster.redisUrl)],
    ['Data', cluster.isTemporary ? `${dataDir}, removed at the end` : dataDir],
  ];
  const seconds = (tookMs / 1_000).toFixed(1);
  return `
Stampede is ready behind ${cluster.balancer}, after ${seconds} s.

${rows.map(([name, value]) => `  ${name?.padEnd(11)} ${value}`).join('\n')}

  Next, in a second terminal:
    STAMPEDE_DATA_DIR=${dataDir} npm run rush
    STAMPEDE_DATA_DIR=${dataDir} npm run audit
  Ctrl-C stops all.
`;
}

// Last: what is defined above with const is there by now.
try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
