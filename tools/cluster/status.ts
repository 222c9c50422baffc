import type { Instance } from './plan.ts';

const ANSWER_MS = 1_500;

/** What a process said of itself at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly isReady: boolean;
  /** The dependencies that /readyz shows as down. */
  readonly down: readonly string[];
  /** By context that it calls: the processes that it knows, and those to which it has a connection. */
  readonly instances: Readonly<Record<string, { readonly known: number; readonly ready: number }>>;
  /** Requests of a gateway, or events that a context has handled, since its start. */
  readonly done: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Events that its consumers have yet to handle. */
  readonly lag: number;
}

/** Reads /readyz and /metrics of a process. Undefined: it does not respond. */
export async function sample({ part, httpPort }: Instance): Promise<Sample | undefined> {
  const read = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return { isOk: response.ok, text: await response.text() };
  };
  try {
    const [ready, metrics] = await Promise.all([read('/readyz'), read('/metrics')]);
    const { dependencies = {} } = JSON.parse(ready.text) as { dependencies?: Readonly<Record<string, string>> };
    const sum = (name: string) => sumOf(metrics.text, name);
    return {
      atMs: performance.now(),
      isReady: ready.isOk,
      down: Object.keys(dependencies).filter((name) => dependencies[name] !== 'up'),
      instances: instancesIn(metrics.text),
      done: sum(part === 'gateway' ? 'stampede_http_requests_total' : 'stampede_events_handled_total'),
      cpuSeconds: sum('process_cpu_seconds_total') || sum('process_cpu_user_seconds_total'),
      residentBytes: sum('process_resident_memory_bytes'),
      lag: sum('stampede_consumer_lag_events'),
    };
  } catch {
    return undefined;
  }
}

const INSTANCES = /^stampede_grpc_client_instances\{context="(\w+)",state="(known|ready)"\} (\d+)$/gm;

/** Reads how many processes of each context are known, from metrics in Prometheus' text format. */
export function instancesIn(metrics: string): Sample['instances'] {
  const found: Record<string, { known: number; ready: number }> = {};
  for (const [, context = '', state, count] of metrics.matchAll(INSTANCES)) {
    found[context] ??= { known: 0, ready: 0 };
    found[context][state === 'known' ? 'known' : 'ready'] = Number(count);
  }
  return found;
}

/** The sum over all labels of a metric in Prometheus' text format. */
export function sumOf(metrics: string, name: string): number {
  let sum = 0;
  for (const line of metrics.split('\n')) {
    if (!line.startsWith(name)) continue;
    const next = line[name.length];
    if (next !== '{' && next !== ' ') continue;
    const value = Number(line.slice(line.lastIndexOf(' ') + 1));
    if (Number.isFinite(value)) sum += value;
  }
  return sum;
}

export interface StatusRow {
  readonly name: string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly unit: 'requests/s' | 'events/s';
  readonly now: Sample | undefined;
  readonly before: Sample | undefined;
}

const HEADER = ['', 'port', 'health', 'calls', 'rate', 'events', 'CPU', 'memory', 'restarts'];

/** A table with a row for each process. */
export function statusTable(rows: readonly StatusRow[]): string {
  const cells = [HEADER, ...rows.map(cellsOf)];
  const widths = HEADER.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line of the same, for a log. */
export const statusLine = (rows: readonly StatusRow[]): string =>
  rows
    .map((row) =>
      [row.name, healthOf(row), callsOf(row), rateOf(row), lagOf(row)].filter((cell) => cell !== '').join(' '),
    )
    .join(' · ');

const cellsOf = (row: StatusRow): readonly string[] => [
  row.name,
  String(row.port),
  healthOf(row),
  callsOf(row),
  rateOf(row),
  lagOf(row),
  cpuOf(row),
  row.now === undefined ? '' : `${Math.round(row.now.residentBytes / 2 ** 20)} MB`,
  row.restarts === 0 ? '' : String(row.restarts),
];

export function healthOf({ pid, now }: StatusRow): string {
  if (pid === undefined) return 'ended';
  if (now === undefined) return 'no answer';
  const missing = now.down.length === 0 ? '' : ` (without ${now.down.join(', ')})`;
  return `${now.isReady ? 'ready' : 'not ready'}${missing}`;
}

/** How many processes of the contexts that it calls it has a connection to, and which of them it lacks. */
export function callsOf({ now }: StatusRow): string {
  const contexts = Object.entries(now?.instances ?? {});
  if (contexts.length === 0) return '';
  const sum = (state: 'known' | 'ready') => contexts.reduce((total, [, counts]) => total + counts[state], 0);
  const lacking = contexts.filter(([, { known, ready }]) => ready < known || known === 0);
  const which = lacking.map(([context, { known, ready }]) => `${context} ${ready} of ${known}`);
  return `${sum('ready')} of ${sum('known')} instances${which.length === 0 ? '' : ` (${which.join(', ')})`}`;
}

function perSecond({ now, before }: StatusRow, value: (sample: Sample) => number): number | undefined {
  if (now === undefined || before === undefined || now.atMs <= before.atMs) return undefined;
  // It was started again meanwhile, so it counts from 0.
  if (value(now) < value(before)) return undefined;
  return ((value(now) - value(before)) * 1_000) / (now.atMs - before.atMs);
}

function rateOf(row: StatusRow): string {
  const rate = perSecond(row, ({ done }) => done);
  return rate === undefined ? '' : `${Math.round(rate).toLocaleString('en-US')} ${row.unit}`;
}

function cpuOf(row: StatusRow): string {
  const share = perSecond(row, ({ cpuSeconds }) => cpuSeconds);
  return share === undefined ? '' : `${Math.round(share * 100)} %`;
}

const lagOf = ({ now, unit }: StatusRow): string =>
  now === undefined || unit === 'requests/s' ? '' : `lag ${now.lag.toLocaleString('en-US')}`;
